import { quoteIdentifier, quoteRelation } from '../../postgres/server-quote.ts';
import type { MartShape } from '../mart-shape.ts';
import type { TargetTable } from './target-table.ts';

/** The temporary table that a push copies its rows into. Its rows go with the transaction. */
export const STAGE = 'pg_temp.elt_push_rows';

/** `_gone` stands for a key whose row is not in the mart any more. */
export function createStage(place: TargetTable, { columns }: MartShape): string {
    const list = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    return `drop table if exists ${STAGE};
create temporary table elt_push_rows on commit delete rows as
select ${list}, false as _gone from ${quoteRelation(place)} with no data`;
}

export function copyIntoStage({ columns }: MartShape): string {
    return `copy ${STAGE} (${columns.map(({ name }) => quoteIdentifier(name)).join(', ')}, _gone) from stdin`;
}

/** Into a table that this transaction has created: its rows need no further visit before they count as old. */
export function copyIntoTable(place: TargetTable, { columns }: MartShape): string {
    const list = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    return `copy ${quoteRelation(place)} (${list}) from stdin with (freeze)`;
}

export function deleteGone(place: TargetTable, { key }: MartShape): string {
    const same = key.map((name) => `held.${quoteIdentifier(name)} = sent.${quoteIdentifier(name)}`).join(' and ');
    return `delete from ${quoteRelation(place)} as held using ${STAGE} as sent where sent._gone and ${same}`;
}

/** Of a push of all rows: what is not among them is gone. */
export function deleteUnsent(place: TargetTable, { key }: MartShape): string {
    const same = key.map((name) => `held.${quoteIdentifier(name)} = sent.${quoteIdentifier(name)}`).join(' and ');
    return `delete from ${quoteRelation(place)} as held
where not exists (select 1 from ${STAGE} as sent where not sent._gone and ${same})`;
}

/** Writes what differs: a row that is the same already costs no new version of it, and no trigger. */
export function upsertSent(place: TargetTable, { key, columns }: MartShape): string {
    const names = columns.map(({ name }) => quoteIdentifier(name));
    const others = columns.filter(({ name }) => !key.includes(name));
    const set = others.map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
    const action =
        others.length === 0
            ? 'do nothing'
            : `do update set ${set.join(', ')}
where ${distinct(others, 'held', 'excluded')}`;
    return `insert into ${quoteRelation(place)} as held (${names.join(', ')})
select ${names.join(', ')} from ${STAGE} where not _gone
on conflict (${key.map(quoteIdentifier).join(', ')}) ${action}`;
}

/** Some types have no equality (json): their text has. */
export function distinct(columns: MartShape['columns'], left: string, right: string): string {
    const side = (table: string): string =>
        columns
            .map(({ name, type }) => {
                const column = `${table}.${quoteIdentifier(name)}`;
                return type.postgres === 'json' ? `${column}::text` : column;
            })
            .join(', ');
    return `(${side(left)}) is distinct from (${side(right)})`;
}
