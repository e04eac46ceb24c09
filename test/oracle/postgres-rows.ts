import type { Psql } from '../support/psql.ts';
import { identifier, literal } from './value-type.ts';

export interface PostgresColumn {
    readonly name: string;
    /** As `format_type` prints it, e.g. `numeric(12,2)`. */
    readonly type: string;
}

export interface PostgresTable {
    readonly schema: string;
    readonly name: string;
    readonly columns: readonly PostgresColumn[];
    /** Columns that name a row: of the replica identity's index, else of the primary key; empty if there are none. */
    readonly key: readonly string[];
}

/** Every ordinary table (leaf partitions too, their parents not) outside of PostgreSQL's own schemas. */
export async function postgresTables(session: Psql): Promise<PostgresTable[]> {
    return await session.rows<PostgresTable>(`
        select namespace.nspname as schema, class.relname as name,
            (select coalesce(json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum), '[]')
                from pg_attribute where attrelid = class.oid and attnum > 0 and not attisdropped) as columns,
            coalesce((select json_agg(attribute.attname order by attribute.attnum)
                from pg_attribute as attribute
                where attribute.attrelid = class.oid and attribute.attnum = any ((
                    select indkey from pg_index where indrelid = class.oid and (indisprimary or indisreplident)
                    order by indisreplident desc limit 1)::int2[])), '[]') as key
        from pg_class as class join pg_namespace as namespace on namespace.oid = class.relnamespace
        where class.relkind = 'r' and namespace.nspname !~ '^(pg_|information_schema$)'
        order by 1, 2`);
}

/**
 * The rows of a table, each value as the stream has it: the text of the type's own output function (`format`, since a
 * cast to text drops the blanks of `char(n)` and adds a mask to `inet`), booleans as words, bytea without `\x`, and null
 * for the NaN and infinities that wal2json loses. A domain is no boolean, bytea or number to wal2json.
 */
export async function postgresRows(session: Psql, table: PostgresTable): Promise<Map<string, string | null>[]> {
    if (table.columns.length === 0) {
        const count = Number(
            await session.sql(`select count(*) from ${identifier(table.schema)}.${identifier(table.name)};`),
        );
        return Array.from({ length: count }, () => new Map());
    }
    const values = table.columns.map((column) => valueAsStreamed(column)).join(', ');
    const answer = await session.sql(
        `select json_build_array(array[${values}]::text[]) from ${identifier(table.schema)}.${identifier(table.name)};`,
    );
    return answer
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
            const [cells] = JSON.parse(line) as [(string | null)[]];
            return new Map(table.columns.map((column, index) => [column.name, cells[index] ?? null]));
        });
}

function valueAsStreamed({ name, type }: PostgresColumn): string {
    const column = identifier(name);
    if (type === 'boolean') {
        return `${column}::text`;
    }
    if (type === 'bytea') {
        return `encode(${column}, 'hex')`;
    }
    if (/^(numeric|real|double precision)(\(|$)/.test(type)) {
        return `case when ${column}::text in ('NaN', 'Infinity', '-Infinity') then null else ${column}::text end`;
    }
    // Not `is null`, which is true of a composite whose members are all null.
    return `case when num_nulls(${column}) = 1 then null else format(${literal('%s')}, ${column}) end`;
}
