import { indentLines } from '../../sql/indent-lines.ts';
import { encodeLabel, labelPath, quoteName, quoteText } from '../../sql/quote.ts';
import { columnOf, currentNames, stagedValue, tuple } from './current-names.ts';
import type { CurrentColumn, CurrentSpec } from './current-spec.ts';
import { allKeys, keyLabel } from './key-history.ts';

/**
 * The view that says what each staged change makes of its row: which row of the current table it names, which one has
 * its new key, and every column as it is afterwards.
 */
export function foldView(spec: CurrentSpec): string {
    const { current, foldView: view, staging } = currentNames(spec);
    const keys = allKeys(spec);
    const columns = spec.columns.map((column) => `    ${foldedColumn(spec, column)}`);
    return `-- What each change makes of its row: a column that it leaves out keeps what the row holds. _row is the row that
-- the change names, _taken the one that has its new key.
drop view if exists ${view};
create view ${view} as
select
    staged._seq, staged._op, staged._old_key, staged._absent,${keys.length > 1 ? ' named.key as _key,' : ''}
    held.rowid as _row,
    ${byKey(spec, (key) => findRow(spec, key, 'new'))} as _taken,
${columns.join(',\n')}
from ${staging} as staged
${keys.length > 1 ? keyInForce(spec) : ''}left join ${current} as held on held.rowid = ${byKey(
        spec,
        (key) => `coalesce(
    ${findRow(spec, key, 'old')},
    ${findRow(spec, key, 'new')}
)`,
    )};
`;
}

/** The key by which the stream named rows at a change; before it first named one, the first one that it named. */
function keyInForce(spec: CurrentSpec): string {
    const table = quoteText(`stg_${spec.tail}`);
    return `left join elt_keys as named
    on named.staging_table = ${table}
    and named._seq = coalesce(
        (select max(_seq) from elt_keys where staging_table = ${table} and _seq <= staged._seq),
        (select min(_seq) from elt_keys where staging_table = ${table})
    )
`;
}

/** The SQL for the key that is in force at a change; the file's own key where the stream names none. */
function byKey(spec: CurrentSpec, sql: (key: readonly string[]) => string): string {
    const { history } = spec;
    const own = sql(spec.key);
    if (history === undefined || history.earlier.length === 0) {
        return own;
    }
    const cases = history.earlier.map((key) => `\n    when ${keyLabel(key)} then ${indentLines(sql(key), '    ')}`);
    return `case named.key${cases.join('')}\n    else ${indentLines(own, '    ')}\nend`;
}

/** The row with the key that a change names, or with the one that it gives. */
function findRow(spec: CurrentSpec, key: readonly string[], which: 'old' | 'new'): string {
    const { current } = currentNames(spec);
    const values = key.map((name) => {
        const column = columnOf(spec, name);
        const value = stagedValue(column, 'staged.');
        const old = `staged._old_key ->> ${labelPath(name)}`;
        const before = column.type === 'ANY' ? `cast(${old} as text)` : old;
        return which === 'new' ? value : key.length === 1 ? before : `coalesce(${before}, ${value})`;
    });
    return `(select rowid from ${current} where ${tuple(key.map(quoteName))} = ${tuple(values)})`;
}

function foldedColumn(spec: CurrentSpec, column: CurrentColumn): string {
    const name = quoteName(column.name);
    const staged = stagedValue(column, 'staged.');
    if (spec.history === undefined && spec.key.includes(column.name)) {
        return staged === `staged.${name}` ? staged : `${staged} as ${name}`;
    }
    const label = quoteText(`,${encodeLabel(column.name)},`);
    return `iif(instr(staged._absent, ${label}), held.${name}, ${staged}) as ${name}`;
}
