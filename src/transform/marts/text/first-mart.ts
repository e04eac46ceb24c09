import { quoteName } from '../../../sql/quote.ts';
import { namesText, relationText } from '../../../sql/relation-name.ts';
import type { CurrentSpec } from '../../current/current-spec.ts';

/** A mart to begin with: every column of a current table, each with what the source says of it. */
export function firstMartSql(spec: CurrentSpec, commentOf: (column: string) => string | undefined): string {
    const alias = quoteName(spec.table);
    const columns = spec.columns.map(({ name }, index) => {
        const comment = commentOf(name);
        const comma = index + 1 < spec.columns.length ? ',' : '';
        return `    ${alias}.${quoteName(name)}${comma}${comment === undefined ? '' : ` -- ${comment}`}`;
    });
    return [
        `-- row: a row of ${relationText(spec.schema, spec.table)}`,
        `-- key: ${namesText(spec.key)}`,
        '-- why: a mart to begin with: leave out columns, join other current tables, rename the file',
        '',
        'select',
        ...columns,
        `from ${quoteName(`current_${spec.tail}`)} as ${alias};`,
        '',
    ].join('\n');
}
