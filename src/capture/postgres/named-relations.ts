import type { ServerConnection } from '../../postgres/server-connection.ts';

/** What a follower asks of its tables again and again. */
export interface NamedRelation {
    readonly schema: string;
    readonly table: string;
    readonly oid: number;
    /** The server can tell its old rows, in each of its partitions. */
    readonly hasIdentity: boolean;
    /** Of the partitions that hold its rows; empty: it is not partitioned. */
    readonly partitions: readonly number[];
    /** Of its rows, in all partitions. */
    readonly bytes: number;
}

const tellsOldRows = (relation: string): string => `(
        ${relation}.relreplident = 'f' or exists (
            select from pg_catalog.pg_index
            where pg_index.indrelid = ${relation}.oid and pg_index.indimmediate
                and ((${relation}.relreplident = 'd' and pg_index.indisprimary)
                    or (${relation}.relreplident = 'i' and pg_index.indisreplident))
        ))`;

/** Tables by their names; of one that is not there, nothing. */
export async function namedRelations(
    connection: ServerConnection,
    tables: readonly { readonly schema: string; readonly table: string }[],
): Promise<readonly NamedRelation[]> {
    const rows = await connection.rows<{
        schema: string;
        table: string;
        oid: string;
        partitions: string;
        bytes: string;
        identity: string;
    }>(
        `select nspname as schema, relname as table, pg_class.oid, leaves.partitions, leaves.bytes, (
            ${tellsOldRows('pg_class')} and (pg_class.relkind = 'r' or not exists (
                select from pg_catalog.pg_partition_tree(pg_class.oid) as tree
                join pg_catalog.pg_class as leaf on leaf.oid = tree.relid
                where tree.isleaf and not ${tellsOldRows('leaf')}
            ))
        )::pg_catalog.text as identity
        from pg_catalog.pg_class
        join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace
        join rows from (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
            as named (schema, name)
            on named.schema = nspname::pg_catalog.text and named.name = relname::pg_catalog.text
        cross join lateral (
            select coalesce(pg_catalog.json_agg(tree.relid::pg_catalog.oid::pg_catalog.int8), '[]')::pg_catalog.text
                    as partitions,
                coalesce(pg_catalog.sum(pg_catalog.pg_table_size(tree.relid)), 0)::pg_catalog.text as bytes
            from pg_catalog.pg_partition_tree(pg_class.oid) as tree
            where pg_class.relkind = 'p' and tree.isleaf and tree.level > 0
        ) as leaves
        where pg_class.relkind in ('r', 'p')`,
        [tables.map(({ schema }) => schema), tables.map(({ table }) => table)],
    );
    return rows.map(({ schema, table, oid, partitions, bytes, identity }) => ({
        schema,
        table,
        oid: Number(oid),
        hasIdentity: identity === 'true',
        partitions: JSON.parse(partitions) as number[],
        bytes: Number(bytes),
    }));
}
