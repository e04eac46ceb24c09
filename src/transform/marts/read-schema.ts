import { parseSelect } from '../../sql/grammar/parse-select.ts';
import type { Database } from '../../sqlite/database.ts';
import type { ColumnFacts, Images, SchemaFacts, TableFacts } from './rules/schema-facts.ts';
import { affinityOfType } from './rules/tell-expression.ts';
import { isGeneratedIndex } from './upkeep-indexes.ts';

/** The model that fills a table; `isPlain`: it moves no watermark, so what reads it is filled from scratch with it. */
export interface Filler {
    readonly model: string;
    readonly isPlain: boolean;
}

/** What the rules ask of a schema, as SQLite tells it. `fillers` by table names in lower case. */
export function readSchema(database: Database, fillers: ReadonlyMap<string, Filler>): SchemaFacts {
    const tables = new Map<string, TableFacts | undefined>();
    const functions = readFunctions(database);
    const view = database.prepare("select sql from sqlite_schema where type = 'view' and lower(name) = ?").pluck();
    return {
        table: (name) => {
            const key = name.toLowerCase();
            if (!tables.has(key)) {
                tables.set(key, readTable(database, key, fillers));
            }
            return tables.get(key);
        },
        view: (name) => {
            const sql = view.get(name.toLowerCase());
            return typeof sql === 'string' ? parseSelect(sql) : undefined;
        },
        isAggregate: (name, count) => {
            const word = name.toLowerCase();
            return word === 'min' || word === 'max' ? count === 1 : (functions.get(word)?.isAggregate ?? false);
        },
        isConstant: (name) => functions.get(name.toLowerCase())?.isConstant ?? false,
    };
}

interface FunctionFacts {
    readonly isAggregate: boolean;
    readonly isConstant: boolean;
}

/** The same arguments give the same result. Source: https://www.sqlite.org/c3ref/c_deterministic.html */
const SQLITE_DETERMINISTIC = 0x800;

function readFunctions(database: Database): ReadonlyMap<string, FunctionFacts> {
    const rows = database.prepare('select name, type, flags from pragma_function_list').all() as {
        name: string;
        type: 's' | 'w' | 'a';
        flags: number;
    }[];
    return new Map(
        rows.map(({ name, type, flags }) => [
            name.toLowerCase(),
            { isAggregate: type !== 's', isConstant: type !== 's' || (flags & SQLITE_DETERMINISTIC) !== 0 },
        ]),
    );
}

function readTable(database: Database, key: string, fillers: ReadonlyMap<string, Filler>): TableFacts | undefined {
    const found = database
        .prepare(
            `select name, strict, wr as without_rowid,
                (select sql from sqlite_schema where type = 'table' and name = list.name) as sql
            from pragma_table_list as list
            where schema = 'main' and type in ('table', 'virtual') and lower(name) = ?`,
        )
        .get(key) as { name: string; strict: number; without_rowid: number; sql: string | null } | undefined;
    if (found === undefined) {
        return undefined;
    }
    const columns = readColumns(database, found.name, found.strict === 1, found.without_rowid === 1);
    return {
        name: found.name,
        columns,
        images: imagesOf(database, found.name, columns, fillers.get(key)),
        indexes: [...rowidOf(database, found.name, found.without_rowid === 1), ...readIndexes(database, found.name)],
        isStrict: found.strict === 1,
        isCollated: /\bcollate\s+(?!"?binary\b)/i.test(found.sql ?? ''),
    };
}

function readColumns(
    database: Database,
    table: string,
    isStrict: boolean,
    isWithoutRowid: boolean,
): readonly ColumnFacts[] {
    const rows = database
        .prepare('select name, lower(type) as type, "notnull" as required, pk from pragma_table_xinfo(?)')
        .all(table) as { name: string; type: string; required: number; pk: number }[];
    const keys = rows.filter(({ pk }) => pk > 0);
    return rows.map(({ name, type, required, pk }) => ({
        name,
        type,
        affinity: affinityOfType(type, isStrict),
        isRequired:
            required === 1 || (pk > 0 && (isStrict || isWithoutRowid || (keys.length === 1 && type === 'integer'))),
    }));
}

/** The column that is the rowid finds rows without an index. */
function rowidOf(database: Database, table: string, isWithoutRowid: boolean): readonly (readonly string[])[] {
    const keys = database
        .prepare('select lower(name) as name, lower(type) as type from pragma_table_info(?) where pk > 0')
        .all(table) as { name: string; type: string }[];
    const [only] = keys;
    return !isWithoutRowid && keys.length === 1 && only?.type === 'integer' ? [[only.name]] : [];
}

function readIndexes(database: Database, table: string): readonly (readonly string[])[] {
    const all = database.prepare('select name, partial from pragma_index_list(?)').all(table) as {
        name: string;
        partial: number;
    }[];
    // A column of another collation finds nothing that is compared by bytes.
    const columns = database
        .prepare("select iif(coll = 'BINARY', lower(name), null) from pragma_index_xinfo(?) where key order by seqno")
        .pluck();
    const text = database.prepare('select sql from sqlite_schema where name = ?').pluck();
    // One of all rows but those whose first column is null finds all that is sought.
    const isWhole = (name: string): boolean =>
        new RegExp(`where\\s+"?${(columns.all(name) as string[])[0] ?? ''}"?\\s+is\\s+not\\s+null\\s*$`, 'i').test(
            String(text.get(name)),
        );
    // What upkeep creates for itself is left out: the upkeep of a mart does not depend on that of another one.
    return all
        .filter(({ name }) => !isGeneratedIndex(table, name, String(text.get(name))))
        .filter(({ name, partial }) => partial === 0 || isWhole(name))
        .map(({ name }) => (columns.all(name) as (string | null)[]).map((column) => column ?? ''));
}

/** Where a table's images stand: in a table that its three row triggers write. */
function imagesOf(
    database: Database,
    table: string,
    columns: readonly ColumnFacts[],
    filler: Filler | undefined,
): Images {
    if (/^stg_/i.test(table)) {
        return { kind: 'staged' };
    }
    const recorded = imageTables(database, table).map((one) => heldBy(database, one, columns));
    const [images] = recorded.flatMap((one) => one ?? []);
    if (images !== undefined) {
        return { kind: 'recorded', ...images };
    }
    if (filler === undefined) {
        return { kind: 'unfilled' };
    }
    return filler.isPlain ? { kind: 'refilled' } : { kind: 'unrecorded', model: filler.model };
}

/** Tables that a trigger of each kind writes. */
function imageTables(database: Database, table: string): readonly string[] {
    const triggers = database
        .prepare("select sql from sqlite_schema where type = 'trigger' and lower(tbl_name) = lower(?)")
        .pluck()
        .all(table) as string[];
    const written = (event: string): readonly string[] =>
        triggers
            .filter((sql) => new RegExp(`\\b(?:before|after)\\s+${event}\\s+on\\b`, 'i').test(sql))
            .flatMap((sql) => [...sql.matchAll(/\binsert\s+into\s+(?:"((?:[^"]|"")+)"|(\w+))/gi)])
            .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
    const [inserts, updates, deletes] = ['insert', 'update', 'delete'].map(written);
    return (inserts ?? []).filter((name) => updates?.includes(name) && deletes?.includes(name));
}

/** The columns whose images a table holds as they are; undefined where it holds no images. */
function heldBy(
    database: Database,
    images: string,
    columns: readonly ColumnFacts[],
): { readonly table: string; readonly columns: ReadonlySet<string> } | undefined {
    const held = database
        .prepare(
            `select lower(field.name) as name, lower(field.type) as type, list.strict
            from pragma_table_list as list cross join pragma_table_xinfo(list.name) as field
            where list.schema = 'main' and lower(list.name) = lower(?)`,
        )
        .all(images) as { name: string; type: string; strict: number }[];
    // A table made by a select has its types by affinity: "integer" is "INT" there.
    const same = columns.filter((column) =>
        held.some(
            ({ name, type, strict }) =>
                name === column.name.toLowerCase() && affinityOfType(type, strict === 1) === column.affinity,
        ),
    );
    return held.some(({ name }) => name === '_image') && same.length > 0
        ? { table: images, columns: new Set(same.map(({ name }) => name.toLowerCase())) }
        : undefined;
}
