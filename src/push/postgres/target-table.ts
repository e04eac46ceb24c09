import type { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteLiteral, quoteRelation } from '../../postgres/server-quote.ts';
import type { MartField, MartShape } from '../mart-shape.ts';

/** A table of the target's server. */
export interface TargetTable {
    readonly schema: string;
    readonly table: string;
}

/** What the server's catalogue says of it. */
export interface HeldTable {
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    /** The sets of columns that a unique index of all rows keeps, each sorted. */
    readonly keys: readonly string[];
    readonly isEmpty: boolean;
}

/** Where the server keeps, beside the tables that are pushed, how far each is: one row a table. */
export const POSITIONS = 'elt_pushes';

/** Undefined where there is no such table. */
export async function readHeldTable(connection: ServerConnection, place: TargetTable): Promise<HeldTable | undefined> {
    const oid = await oidOf(connection, place);
    if (oid === null) {
        return undefined;
    }
    const columns = await connection.rows<{ name: string; type: string }>(
        `select attname as name, format_type(atttypid, atttypmod) as type
        from pg_attribute
        where attrelid = $1 and attnum > 0 and not attisdropped
        order by attnum`,
        [oid],
    );
    const keys = await connection.rows<{ names: string }>(
        `select array_to_json(array_agg(attname order by attname collate "C"))::text as names
        from pg_index
        join pg_attribute on attrelid = indrelid and attnum = any (indkey)
        where indrelid = $1 and indisunique and indisvalid and indimmediate and indpred is null and indexprs is null
        group by indexrelid`,
        [oid],
    );
    const { found } = await connection.one<{ found: string }>(
        `select exists (select 1 from ${quoteRelation(place)}) as found`,
    );
    return { columns, keys: keys.map(({ names }) => names), isEmpty: found === 'f' };
}

async function oidOf(connection: ServerConnection, { schema, table }: TargetTable): Promise<string | null> {
    const rows = await connection.rows<{ oid: string }>(
        `select pg_class.oid
        from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = $1 and relname = $2 and relkind in ('r', 'p')`,
        [schema, table],
    );
    return rows[0]?.oid ?? null;
}

export function createTable(place: TargetTable, { columns }: MartShape): string {
    const list = columns.map((column) => `    ${columnText(column)}`).join(',\n');
    return `create table ${quoteRelation(place)} (\n${list}\n)`;
}

/** Made behind the first fill: at once, by a sort, it costs a fraction. */
export function addKey(place: TargetTable, { key }: MartShape): string {
    return `alter table ${quoteRelation(place)} add primary key (${key.map(quoteIdentifier).join(', ')})`;
}

export function addColumn(place: TargetTable, column: MartField): string {
    return `alter table ${quoteRelation(place)} add column ${columnText(column)}`;
}

function columnText({ name, type }: MartField): string {
    return `${quoteIdentifier(name)} ${type.postgres}`;
}

export const keyText = (key: readonly string[]): string =>
    JSON.stringify([...key].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))));

/**
 * The columns that the table lacks, and what else differs, as a person reads it: empty if adding those is enough. A
 * column of text takes whatever a mart has, and a wide one whole numbers of any width: a table may have been created
 * before the stream told the type of a column.
 */
export function compareTable(
    held: HeldTable,
    { columns, key }: MartShape,
): { readonly missing: readonly MartField[]; readonly differs: readonly string[] } {
    const types = new Map(held.columns.map(({ name, type }) => [name, type]));
    const missing = columns.filter(({ name }) => !types.has(name));
    const retyped = columns.flatMap(({ name, type }) => {
        const found = types.get(name);
        return found === undefined || takes(found, type.postgres)
            ? []
            : [`"${name}" is ${found}, and ${type.postgres} in the mart`];
    });
    const names = new Set(columns.map(({ name }) => name));
    const surplus = held.columns.flatMap(({ name }) => (names.has(name) ? [] : [`"${name}" is not in the mart`]));
    const isKeyed = held.keys.includes(keyText(key));
    const unkeyed = isKeyed ? [] : [`no unique index on the key (${key.join(', ')})`];
    return { missing, differs: [...retyped, ...surplus, ...unkeyed] };
}

const INTEGERS = ['smallint', 'integer', 'bigint'];

function takes(found: string, type: string): boolean {
    const isWideEnough = INTEGERS.includes(type) && INTEGERS.indexOf(found) >= INTEGERS.indexOf(type);
    return found === type || found === 'text' || isWideEnough;
}

/** What a new table of the name gets of the rights that the old one gave. */
export async function grantsOf(connection: ServerConnection, place: TargetTable, to: TargetTable): Promise<string[]> {
    const rows = await connection.rows<{ privilege: string; grantee: string | null }>(
        `select privilege_type as privilege, pg_roles.rolname as grantee
        from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        cross join aclexplode(relacl) as acl
        left join pg_roles on pg_roles.oid = acl.grantee
        where nspname = $1 and relname = $2 and acl.grantee <> relowner`,
        [place.schema, place.table],
    );
    return rows.map(({ privilege, grantee }) => {
        const whom = grantee === null ? 'public' : quoteIdentifier(grantee);
        return `grant ${privilege} on ${quoteRelation(to)} to ${whom}`;
    });
}

export function createPositions(schema: string): string {
    return `create table if not exists ${quoteRelation({ schema, table: POSITIONS })} (
    table_name text primary key,
    origin text not null,
    token text not null,
    mart text not null,
    position bigint not null,
    pushed_at timestamptz not null
)`;
}

export async function hasPositions(connection: ServerConnection, schema: string): Promise<boolean> {
    return (await oidOf(connection, { schema, table: POSITIONS })) !== null;
}

export async function hasSchema(connection: ServerConnection, schema: string): Promise<boolean> {
    return (await connection.rows('select 1 from pg_namespace where nspname = $1', [schema])).length > 0;
}

/** Two pushes to one table take turns: the second waits here until the first has committed. */
export function lockTable({ schema, table }: TargetTable): string {
    return `select pg_advisory_xact_lock(hashtextextended(${quoteLiteral(`elt push ${schema}.${table}`)}, 0))`;
}
