import { type ParsedSelect, parseSelect } from '../../sql/grammar/parse-select.ts';
import { quoteName, quoteText } from '../../sql/quote.ts';
import { tablesTouched } from '../../sqlite/tables-touched.ts';
import type { ChosenArm } from './arms/choose-arms.ts';
import { armSql } from './arms/print-arm.ts';
import { type FoundArms, findArms } from './find-arms.ts';
import { howOf } from './how-text.ts';
import type { MartHow, UpkeepRequest } from './mart-upkeep.ts';
import { keysInTable } from './narrow/key-set.ts';
import { type NarrowedSelect, narrowSelect } from './narrow/narrow-select.ts';
import { orderedIndexes } from './narrow/ordered-indexes.ts';
import { addedRows, isOnlyAdded } from './only-added.ts';
import { prepareSelect } from './prepare-select.ts';
import { NotCovered } from './rules/reading.ts';
import type { SchemaFacts } from './rules/schema-facts.ts';
import { type MartColumn, type UpkeepSpec, upkeepNames } from './text/upkeep-spec.ts';
import { selectTypes } from './types/select-types.ts';
import { indexesFor } from './upkeep-indexes.ts';

/** What decides how a mart is kept up to date. */
interface UpkeepPlan
    extends Pick<
        UpkeepSpec,
        'definition' | 'added' | 'checked' | 'keyMayBeNull' | 'keyed' | 'gates' | 'narrowed' | 'indexes' | 'upstream'
    > {
    readonly how: MartHow;
}

/** Finds the arms, the narrowed SELECT and the indexes; or that rows are only added, or that all must be compared. */
export function planUpkeep(
    request: UpkeepRequest,
    names: readonly string[],
    key: readonly string[],
    written: ParsedSelect | undefined,
    schema: SchemaFacts,
    columns: readonly MartColumn[],
): UpkeepPlan {
    const { name, definition } = request;
    const select = prepareSelect(definition.select, schema);
    const upstream = upstreamOf(request);
    const plan: UpkeepPlan = {
        definition: select,
        added: undefined,
        checked: undefined,
        keyMayBeNull: false,
        keyed: [],
        gates: [],
        narrowed: undefined,
        indexes: [],
        upstream,
        how: howOf([], []),
    };
    if (written !== undefined && isOnlyAdded(written, schema)) {
        const how = { ...plan.how, text: 'rows are only added; compared in full: never' };
        return { ...plan, ...addedRows(definition.select, name, schema), how };
    }
    const parsed = parseSelect(select);
    const found = parsed === undefined ? 'its SELECT is not understood' : armsOrReason(parsed, names, key, schema);
    if (parsed === undefined || typeof found === 'string') {
        return { ...plan, gates: gatesOfAll(request, upstream), how: howOf(String(found), []) };
    }
    const sqlOf = (isKeyed: boolean): readonly string[] =>
        found.arms.filter((one) => isKeyed === isOfKeys(one)).map((one) => armSql(one, name));
    const keyed = found.arms.filter(isOfKeys);
    const narrowed = keyed.length === 0 ? undefined : narrow(parsed, names, key, name, schema, columns);
    return {
        ...plan,
        keyMayBeNull: keyed.length > 0 && found.keyMayBeNull,
        keyed: sqlOf(true),
        gates: sqlOf(false),
        narrowed: narrowed?.text,
        indexes: indexesFor(keyed, found.outward, narrowed?.indexes ?? [], orderedIndexes(parsed, schema)),
        how: howOf(found.arms, narrowed?.wide ?? []),
    };
}

function isOfKeys({ arm }: ChosenArm): boolean {
    return arm.key !== undefined;
}

function armsOrReason(
    parsed: ParsedSelect,
    names: readonly string[],
    key: readonly string[],
    schema: SchemaFacts,
): FoundArms | string {
    try {
        return findArms(parsed, names, key, schema);
    } catch (error) {
        if (error instanceof NotCovered) {
            return error.message;
        }
        throw error;
    }
}

/** The SELECT asked for the dirty keys; asked once more from outside where not all of it could be narrowed. */
function narrow(
    parsed: ParsedSelect,
    names: readonly string[],
    key: readonly string[],
    model: string,
    schema: SchemaFacts,
    columns: readonly MartColumn[],
): NarrowedSelect {
    const dirty = quoteName(upkeepNames(model).dirty);
    const quoted = key.map(quoteName);
    const places = key.map((one) => names.indexOf(one));
    // A type of its own that a person or a migration has given to a column may make another value of what the SELECT gives.
    const types = selectTypes(parsed, schema);
    const asGiven = key.filter((one, index) => {
        const type = columns.find(({ name }) => name === one)?.type;
        return type === types[places[index] ?? 0];
    });
    const keys = keysInTable(dirty, quoted, new Set(asGiven.map(quoteName)));
    const narrowed = narrowSelect(parsed, places, keys, schema);
    if (narrowed.isExact) {
        return narrowed;
    }
    const list = quoted.join(', ');
    const tuple = quoted.length === 1 ? list : `(${list})`;
    const text = `select *\nfrom (\n${narrowed.text}\n)\nwhere ${tuple} in (select ${list} from ${dirty})`;
    return { ...narrowed, text };
}

/** Models with a watermark that fill what the SELECT reads. */
function upstreamOf(request: UpkeepRequest): readonly string[] {
    const models = tablesOf(request).flatMap((table) => {
        const filler = request.fillers.get(table.toLowerCase());
        return filler === undefined || filler.isPlain ? [] : [filler.model];
    });
    return [...new Set(models)];
}

function tablesOf({ definition, database }: UpkeepRequest): readonly string[] {
    return tablesTouched(database, definition.statement.sql.replace(/;\s*$/, '')).reads;
}

/** Where no rule finds keys: that anything has run since, or that anything has landed. */
function gatesOfAll(request: UpkeepRequest, upstream: readonly string[]): readonly string[] {
    const own = (column: string): string =>
        `(select ${column} from elt_watermarks where model = ${quoteText(request.name)})`;
    const models = upstream.map(quoteText).join(', ');
    const ran = `select 1\nfrom elt_watermarks\nwhere model in (${models})\n    and taken_tick > ${own('taken_tick')}`;
    const landed = `select 1\nfrom elt_stream\nwhere whole_seq > ${own('watermark')}`;
    const readsStaging = tablesOf(request).some((table) => /^stg_/i.test(table));
    return [...(upstream.length === 0 ? [] : [ran]), ...(readsStaging ? [landed] : [])];
}
