import Sqlite from 'better-sqlite3';

/** A table as its `create table` statement declares it. */
export interface DeclaredTable {
    readonly table: string;
    readonly columns: readonly {
        readonly name: string;
        /** The declared type as text, in lower case. */
        readonly type: string;
        readonly isRequired: boolean;
        /** Place in the primary key, from 1; 0: not part of it. */
        readonly keyPlace: number;
    }[];
}

/** Parses a `create table` statement by running it in memory. @throws SQLite's error. */
export function declaredTable(sql: string): DeclaredTable | undefined {
    const scratch = new Sqlite(':memory:');
    try {
        scratch.exec(sql);
        const table = scratch.prepare("select name from sqlite_schema where type = 'table'").pluck().get();
        if (typeof table !== 'string') {
            return undefined;
        }
        const columns = scratch
            .prepare(
                'select name, lower(type) as type, "notnull" as required, pk from pragma_table_info(?) order by cid',
            )
            .all(table) as { name: string; type: string; required: number; pk: number }[];
        return {
            table,
            columns: columns.map(({ name, type, required, pk }) => ({
                name,
                type,
                isRequired: required === 1 || pk > 0,
                keyPlace: pk,
            })),
        };
    } finally {
        scratch.close();
    }
}
