import type { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteRelation } from '../../postgres/server-quote.ts';
import type { MartShape } from '../mart-shape.ts';
import { type Comparison, EXAMPLES_MAX, KEY_RANGES } from '../push-target.ts';
import { STAGE } from './merge-rows.ts';
import type { TargetTable } from './target-table.ts';

type Texts<T> = { readonly [name in keyof T]: string };

/** Compares a table with the rows of the mart, which are in the temporary table: PostgreSQL reads both the same way. */
export async function compareHeldRows(
    connection: ServerConnection,
    place: TargetTable,
    shape: MartShape,
): Promise<Comparison> {
    await connection.rows(`create temporary table elt_push_compared on commit drop as ${comparedSql(place, shape)}`);
    const sums = await connection.one<Texts<Omit<Comparison, 'ranges' | 'examples'>>>(
        `select count(here) as rows, count(there) as "targetRows",
            count(*) filter (where there is null) as missing,
            count(*) filter (where here is null) as surplus,
            count(*) filter (where here <> there) as different
        from pg_temp.elt_push_compared`,
    );
    const ranges = await connection.rows<Texts<Comparison['ranges'][number]>>(
        `select min(key) as "from", max(key) as "to", count(here) as rows, count(there) as "targetRows",
            to_hex(coalesce(sum(here), 0)::bigint) as checksum, to_hex(coalesce(sum(there), 0)::bigint) as "targetChecksum"
        from (select *, ntile(${KEY_RANGES}) over (order by key collate "C") as place from pg_temp.elt_push_compared) as placed
        group by place
        order by place`,
    );
    const examples = await connection.rows<{ text: string }>(
        `select case when there is null then 'missing ' when here is null then 'surplus ' else 'different ' end || key as text
        from pg_temp.elt_push_compared
        where here is distinct from there
        order by key collate "C"
        limit ${EXAMPLES_MAX}`,
    );
    return {
        rows: Number(sums.rows),
        targetRows: Number(sums.targetRows),
        missing: Number(sums.missing),
        surplus: Number(sums.surplus),
        different: Number(sums.different),
        ranges: ranges.map((range) => ({ ...range, rows: Number(range.rows), targetRows: Number(range.targetRows) })),
        examples: examples.map(({ text }) => text),
    };
}

/** A hash of 40 bits for each row: PostgreSQL can add up any number of them. */
function comparedSql(place: TargetTable, { key, columns }: MartShape): string {
    const hash = (table: string): string => {
        const row = columns.map(({ name }) => `${table}.${quoteIdentifier(name)}`).join(', ');
        return `('x' || substr(md5(row(${row})::text), 1, 10))::bit(40)::bigint`;
    };
    const [first = ''] = key;
    const names = key.map((name) => {
        return `coalesce(sent.${quoteIdentifier(name)}, held.${quoteIdentifier(name)})::text`;
    });
    const same = key.map((name) => `held.${quoteIdentifier(name)} = sent.${quoteIdentifier(name)}`).join(' and ');
    return `select json_build_array(${names.join(', ')})::text as key,
    case when sent.${quoteIdentifier(first)} is not null then ${hash('sent')} end as here,
    case when held.${quoteIdentifier(first)} is not null then ${hash('held')} end as there
from ${STAGE} as sent
full join ${quoteRelation(place)} as held on ${same}`;
}
