import type { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteRelation } from '../../postgres/server-quote.ts';

/** A table of the source, as its catalogue has it now. */
export interface SourceTable {
    readonly oid: number;
    readonly schema: string;
    readonly table: string;
    readonly isPartitioned: boolean;
    readonly replicaIdentity: 'd' | 'n' | 'f' | 'i';
    /** Columns by which the server tells old rows; empty: updates and deletes cannot be sent. */
    readonly identity: readonly string[];
    /** Its partitions have one too: each is looked at by itself when a row of it is changed. */
    readonly isIdentityEverywhere: boolean;
    readonly primaryKey: readonly string[];
    readonly columns: readonly SourceColumn[];
    readonly isOwned: boolean;
    readonly isReadable: boolean;
    readonly hasPolicies: boolean;
    readonly comment: string | null;
    /** The planner's estimate; 0: it has none. */
    readonly rows: number;
    /** Pages of its main file, of 8 KiB as a rule. */
    readonly pages: number;
    /** Tables that hold the rows: itself, or the leaves of a partitioned one. */
    readonly parts: readonly TablePart[];
}

export interface TablePart {
    readonly oid: number;
    readonly schema: string;
    readonly table: string;
    readonly pages: number;
}

export interface SourceColumn {
    readonly name: string;
    readonly type: string;
    readonly typeOid: number;
    readonly modifier: number;
    readonly isGenerated: boolean;
    readonly comment: string | null;
}

/** A table as publications send it. */
export interface PublishedTable extends SourceTable {
    /** Columns that are sent, in the order of the table. */
    readonly sent: readonly string[];
    /** Only rows for which it holds are sent; null: all are. */
    readonly filter: string | null;
}

/** PostgreSQL 18 sends generated columns where a publication says so. */
export const GENERATED_SENT = 18;

/** User tables whose changes PostgreSQL's log holds; a partition comes with its root. Extensions keep their own. */
const FOLLOWED = `pg_class.relkind in ('r', 'p') and pg_class.relpersistence = 'p'
    and pg_namespace.nspname not in ('information_schema', 'pg_catalog') and pg_namespace.nspname not like 'pg\\_%'
    and not exists (
        select from pg_catalog.pg_depend
        where pg_depend.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and pg_depend.objid = pg_class.oid
            and pg_depend.deptype = 'e'
    )`;

const TABLES = `
    select pg_catalog.json_build_object(
        'oid', pg_class.oid::pg_catalog.int8,
        'schema', pg_namespace.nspname,
        'table', pg_class.relname,
        'isPartitioned', pg_class.relkind = 'p',
        'replicaIdentity', pg_class.relreplident,
        'primaryKey', coalesce((
            select pg_catalog.json_agg(pg_attribute.attname order by key.place)
            from pg_catalog.pg_index, pg_catalog.unnest(pg_index.indkey) with ordinality as key (attnum, place)
            join pg_catalog.pg_attribute on pg_attribute.attrelid = pg_class.oid and pg_attribute.attnum = key.attnum
            where pg_index.indrelid = pg_class.oid and pg_index.indisprimary
        ), '[]'),
        'identity', case when pg_class.relreplident = 'f' then (
            select coalesce(pg_catalog.json_agg(attname order by attnum), '[]') from pg_catalog.pg_attribute
            where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
        ) else coalesce((
            select pg_catalog.json_agg(pg_attribute.attname order by key.place)
            from pg_catalog.pg_index, pg_catalog.unnest(pg_index.indkey) with ordinality as key (attnum, place)
            join pg_catalog.pg_attribute on pg_attribute.attrelid = pg_class.oid and pg_attribute.attnum = key.attnum
            where pg_index.indrelid = pg_class.oid and pg_index.indimmediate and key.place <= pg_index.indnkeyatts
                and ((pg_class.relreplident = 'd' and pg_index.indisprimary)
                    or (pg_class.relreplident = 'i' and pg_index.indisreplident))
        ), '[]') end,
        'isIdentityEverywhere', pg_class.relkind <> 'p' or not exists (
            select from pg_catalog.pg_partition_tree(pg_class.oid) as tree
            join pg_catalog.pg_class as leaf on leaf.oid = tree.relid
            where tree.isleaf and leaf.relreplident <> 'f' and not exists (
                select from pg_catalog.pg_index
                where pg_index.indrelid = leaf.oid and pg_index.indimmediate
                    and ((leaf.relreplident = 'd' and pg_index.indisprimary)
                        or (leaf.relreplident = 'i' and pg_index.indisreplident))
            )
        ),
        'columns', coalesce((
            select pg_catalog.json_agg(pg_catalog.json_build_object(
                'name', attname,
                'type', pg_catalog.format_type(atttypid, atttypmod),
                'typeOid', atttypid::pg_catalog.int8,
                'modifier', atttypmod,
                'isGenerated', attgenerated <> '',
                'comment', pg_catalog.col_description(pg_class.oid, attnum)
            ) order by attnum)
            from pg_catalog.pg_attribute
            where attrelid = pg_class.oid and attnum > 0 and not attisdropped
        ), '[]'),
        'isOwned', pg_catalog.pg_has_role(pg_class.relowner, 'USAGE'),
        'isReadable', pg_catalog.has_schema_privilege(pg_namespace.oid, 'USAGE')
            and pg_catalog.has_table_privilege(pg_class.oid, 'SELECT'),
        'hasPolicies', pg_catalog.row_security_active(pg_class.oid),
        'comment', pg_catalog.obj_description(pg_class.oid, 'pg_class'),
        'rows', greatest(0, pg_class.reltuples)::pg_catalog.int8,
        'pages', pg_class.relpages,
        'parts', case when pg_class.relkind <> 'p' then null else coalesce((
            select pg_catalog.json_agg(pg_catalog.json_build_object(
                'oid', leaf.oid::pg_catalog.int8,
                'schema', leaf_schema.nspname,
                'table', leaf.relname,
                'pages', pg_catalog.pg_relation_size(leaf.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int4
            ) order by leaf.oid)
            from pg_catalog.pg_partition_tree(pg_class.oid) as tree
            join pg_catalog.pg_class as leaf on leaf.oid = tree.relid and leaf.relkind = 'r'
            join pg_catalog.pg_namespace as leaf_schema on leaf_schema.oid = leaf.relnamespace
            where tree.isleaf
        ), '[]') end,
        'size', pg_catalog.pg_relation_size(pg_class.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int4
    ) as "table"
    from pg_catalog.pg_class
    join pg_catalog.pg_namespace on pg_namespace.oid = pg_class.relnamespace`;

const IN_ORDER = 'order by pg_namespace.nspname, pg_class.relname';

/**
 * Every table that can be followed, by schema and name: a partitioned one stands for its partitions, as publications have
 * it, or its partitions for themselves, as wal2json has them.
 */
export async function followableTables(
    connection: ServerConnection,
    plugin: 'pgoutput' | 'wal2json',
): Promise<readonly SourceTable[]> {
    const kinds = plugin === 'pgoutput' ? 'not pg_class.relispartition' : "pg_class.relkind = 'r'";
    const rows = await connection.rows<{ readonly table: string }>(
        `${TABLES} where ${FOLLOWED} and ${kinds} ${IN_ORDER}`,
    );
    return rows.map(({ table }) => tableOf(table));
}

/** The names of the tables that publications send, each with one that sends it. */
export async function publishedNames(
    connection: ServerConnection,
    publications: readonly string[],
): Promise<readonly { readonly schema: string; readonly table: string; readonly publication: string }[]> {
    return await connection.rows(
        `select schemaname as schema, tablename as table, min(pubname::pg_catalog.text) as publication
        from pg_catalog.pg_publication_tables
        where pubname = any ($1)
        group by 1, 2
        order by 1, 2`,
        [publications],
    );
}

/** The tables that publications send, with the columns and rows that they send. */
export async function publishedTables(
    connection: ServerConnection,
    publications: readonly string[],
    major: number,
): Promise<readonly PublishedTable[]> {
    const [lists, filters] = major >= 15 ? ['attnames', 'rowfilter'] : ['null::name[]', 'null::text'];
    const sent = await connection.rows<{ oid: string; columns: string | null; filter: string | null; filters: string }>(
        `select pg_class.oid, pg_catalog.min(pg_catalog.to_json(published.columns)::text) as columns,
            pg_catalog.string_agg(published.filter, ' or ') as filter,
            (pg_catalog.count(published.filter) = pg_catalog.count(*))::text as filters
        from (
            select schemaname, tablename, ${lists} as columns, '(' || ${filters} || ')' as filter
            from pg_catalog.pg_publication_tables
            where pubname = any ($1)
        ) as published
        join pg_catalog.pg_namespace on pg_namespace.nspname = published.schemaname
        join pg_catalog.pg_class on pg_class.relnamespace = pg_namespace.oid and pg_class.relname = published.tablename
        group by pg_class.oid`,
        [publications],
    );
    const rows = await connection.rows<{ readonly table: string }>(
        `${TABLES} where pg_class.oid = any ($1::pg_catalog.oid[]) ${IN_ORDER}`,
        [sent.map(({ oid }) => oid)],
    );
    return rows.map(({ table }) => {
        const known = tableOf(table);
        const published = sent.find(({ oid }) => Number(oid) === known.oid);
        const names = sentColumns(known, published?.columns ?? null, major);
        return { ...known, sent: names, filter: published?.filters === 'true' ? published.filter : null };
    });
}

/** Before PostgreSQL 18 a publication's list names generated columns too, which are not sent. */
function sentColumns({ columns }: SourceTable, listed: string | null, major: number): readonly string[] {
    const plain = columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
    if (listed === null) {
        return plain;
    }
    const names = JSON.parse(listed) as string[];
    return major >= GENERATED_SENT ? names : names.filter((name) => plain.includes(name));
}

function tableOf(json: string): SourceTable {
    const table = JSON.parse(json) as Omit<SourceTable, 'parts'> & { parts: TablePart[] | null; size: number };
    const { parts, size, ...known } = table;
    const itself = { oid: table.oid, schema: table.schema, table: table.table, pages: size };
    return { ...known, parts: parts ?? [itself] };
}

/** The statement that copies a part's rows as the publications send them, by pages of the part where they are given. */
export function copyStatement(
    { isPartitioned, sent, filter, columns: all }: PublishedTable,
    part: TablePart,
    pages: { readonly from: number; readonly to: number | null } | null,
): string {
    const columns = sent.map(quoteIdentifier).join(', ');
    const relation = quoteRelation(part);
    // By its name alone a table gives no generated columns.
    const hasGenerated = all.some(({ name, isGenerated }) => isGenerated && sent.includes(name));
    // A list of no columns is none that PostgreSQL reads; such a table has rows all the same.
    if (pages === null && filter === null && !isPartitioned && !hasGenerated && sent.length > 0) {
        return `copy ${relation} (${columns}) to stdout`;
    }
    const wanted = [
        ...(filter === null ? [] : [filter]),
        ...(pages === null ? [] : [`ctid >= '(${pages.from},0)'::pg_catalog.tid`]),
        ...(pages?.to == null ? [] : [`ctid < '(${pages.to},0)'::pg_catalog.tid`]),
    ];
    const where = wanted.length === 0 ? '' : ` where ${wanted.join(' and ')}`;
    return `copy (select ${columns} from only ${relation}${where}) to stdout`;
}
