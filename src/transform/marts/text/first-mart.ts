import { quoteName } from '../../../sql/quote.ts';
import { namesText, relationText } from '../../../sql/relation-name.ts';
import { declaredType } from '../../current/current-names.ts';
import type { CurrentColumn, CurrentSpec } from '../../current/current-spec.ts';

/** A mart to begin with, and a case of it. */

/** Names that begin so belong to staging, to elt, or to a current table. */
const TAKEN = /^(?:stg|elt|current|changed|fold|key)_/i;

export function firstMartName({ tail }: CurrentSpec): string {
    return TAKEN.test(tail) ? `mart_of_${tail}` : `${tail}_mart`;
}

/** Every column of a current table, each with what the source says of it. */
export function firstMartSql(spec: CurrentSpec, commentOf: (column: string) => string | undefined): string {
    // An odd name is the staging table's, in which nothing is left that SQL cannot hold.
    const alias = quoteName(/^[a-z_][a-z0-9_]*$/.test(spec.table) ? spec.table : spec.tail);
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

/** Columns that a case names beside the key: enough to show how, and few enough to be read. */
const SHOWN_MAX = 4;

/** Two rows that are given, and the same that are expected: one with values, one with its key alone. */
export function firstCaseSql(spec: CurrentSpec): string {
    const key = spec.columns.filter(({ name }) => spec.key.includes(name));
    const others = spec.columns.filter(({ name }) => !spec.key.includes(name)).slice(0, SHOWN_MAX);
    const rows = [
        [...key.map((column) => sampleValue(column, 1)), ...others.map((column) => sampleValue(column, 1))],
        [...key.map((column) => sampleValue(column, 2)), ...others.map(() => 'null')],
    ].map((values) => `    (${values.join(', ')})`);
    const columns = [...key, ...others].map(({ name }) => quoteName(name)).join(', ');
    const insert = (table: string) => [`insert into ${quoteName(table)} (${columns}) values`, `${rows.join(',\n')};`];
    return [
        `-- case: each row of ${relationText(spec.schema, spec.table)} is a row of the mart, also one without values`,
        '',
        '-- given',
        ...insert(`current_${spec.tail}`),
        '',
        '-- expected',
        ...insert(firstMartName(spec)),
        '',
    ].join('\n');
}

function sampleValue({ type }: CurrentColumn, number: number): string {
    const declared = declaredType(type);
    return declared === 'text' ? `'text ${number}'` : declared === 'real' ? `${number}.5` : String(number);
}
