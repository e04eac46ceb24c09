import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import { hasShallow } from '../../sql/grammar/walk-nodes.ts';
import { quoteText } from '../../sql/quote.ts';
import { hasWindows, isGrouped } from './narrow/is-flat.ts';
import { prepareSelect, WHOLE } from './prepare-select.ts';
import type { SchemaFacts } from './rules/schema-facts.ts';

/**
 * Whether each row of a SELECT is made of one landed row and of nothing else: what lands is never changed or taken away,
 * so rows are only ever added.
 */
export function isOnlyAdded({ select }: ParsedSelect, schema: SchemaFacts): boolean {
    const core = select.select;
    const from = core.type === 'SelectFrom' ? core.from : undefined;
    return (
        core.type === 'SelectFrom' &&
        select.with === undefined &&
        select.compounds === undefined &&
        select.limit === undefined &&
        core.distinctness !== 'Distinct' &&
        from?.select?.type === 'TableSelectTable' &&
        from.joins === undefined &&
        schema.table(from.select.tblName.objName.text)?.images.kind === 'staged' &&
        !isGrouped(core, schema) &&
        !hasWindows(core) &&
        !hasSubquery(core)
    );
}

function hasSubquery(core: Parameters<typeof hasShallow>[0]): boolean {
    return hasShallow(core, ({ type }) => type === 'Select' || type === 'InTableExpr');
}

/** The rows that are new to a mart, and those that its last run has added. */
export function addedRows(
    select: string,
    model: string,
    schema: SchemaFacts,
): { readonly added: string; readonly checked: string } {
    const own = (column: string): string => `(select ${column} from elt_watermarks where model = ${quoteText(model)})`;
    return {
        added: prepareSelect(select, schema, `_seq > ${own('watermark')}\n    and ${WHOLE}`),
        checked: prepareSelect(select, schema, `_seq > ${own('previous')} and _seq <= ${own('watermark')}`),
    };
}
