import { EltError } from '../core/errors.ts';
import { storageOf } from '../core/storage-types.ts';
import { readCatalogue } from '../ledger/catalogue.ts';
import { type HeaderEntry, headerValue } from '../project/file-head.ts';
import { headOfMart, type ModelFile } from '../project/model-files.ts';
import { quoteName } from '../sql/quote.ts';
import { parseNames } from '../sql/relation-name.ts';
import { significantTokens, wordOf } from '../sql/tokens.ts';
import type { Database } from '../sqlite/database.ts';
import { refuseUnknownTable } from '../sqlite/read-tables.ts';
import { schemaKind } from '../sqlite/schema-kind.ts';
import { PUSH_TYPES, type PushType, typeOfPostgres, typeOfSqlite } from './push-type.ts';

/** A mart as targets see it. */
export interface MartShape {
    readonly mart: string;
    /** A view has no triggers: it is compared as a whole each time. */
    readonly isView: boolean;
    readonly columns: readonly MartField[];
    /** The columns that name a row, in the order of the key. */
    readonly key: readonly string[];
}

export interface MartField {
    readonly name: string;
    readonly type: PushType;
    /** SQLite keeps every value of it of one type. */
    readonly isTyped: boolean;
}

/**
 * The shape of a mart: columns from the database, the key from the head of its file, else from its primary key or unique
 * index; types from what the head says, from the column of PostgreSQL whose values stand there unchanged, else from the
 * mart's table.
 * @throws EltError MODEL_UNKNOWN, PUSH_REFUSED.
 */
export function martShape(database: Database, mart: string, model: ModelFile | undefined): MartShape {
    refuseUnknownTable(database, mart);
    const declared = declaredColumns(database, mart);
    const names = declared.map(({ name }) => name);
    const head = model === undefined ? [] : headOfMart(model);
    const file = model?.definition?.file ?? model?.file ?? '';
    const given = givenTypes(head, file, names);
    const origins = originTypes(database, mart);
    return {
        mart,
        isView: schemaKind(database, mart) === 'view',
        columns: declared.map(({ name, type }) => ({
            name,
            type: given.get(name) ?? ofOrigin(origins.get(name), type) ?? typeOfSqlite(type),
            isTyped: type !== '' && type !== 'any',
        })),
        key: keyOf(database, mart, head, file, names),
    };
}

interface Declared {
    readonly name: string;
    /** In lower case; empty where nothing is sure. */
    readonly type: string;
}

function declaredColumns(database: Database, mart: string): readonly Declared[] {
    const strict = new Set(database.prepare('select name from pragma_table_list where strict').pluck().all());
    return database
        .prepare(`select * from ${quoteName(mart)}`)
        .columns()
        .map(({ name, type, table }) => ({ name, type: strict.has(table ?? '') ? (type ?? '').toLowerCase() : '' }));
}

/** Only where the mart keeps the values as staging does: a table that was made by hand may not. */
function ofOrigin(pgType: string | undefined, declared: string): PushType | undefined {
    const kept = pgType === undefined ? undefined : storageOf(pgType).sqlite.toLowerCase();
    const type = declared === 'int' ? 'integer' : declared;
    return pgType !== undefined && kept === type ? typeOfPostgres(pgType) : undefined;
}

/** PostgreSQL's types of the columns that the definition of a mart hands on as they are. */
function originTypes(database: Database, mart: string, depth = 0): ReadonlyMap<string, string> {
    const view = [`${mart}_now`, mart].find((name) => schemaKind(database, name) === 'view');
    if (depth > ORIGIN_STEPS_MAX || view === undefined || isCompound(database, view)) {
        return new Map();
    }
    const catalogue = new Map(
        readCatalogue(database).map(({ stagingTable, columns }) => [
            stagingTable,
            new Map(columns.flatMap((one) => (isSure(one) ? [[one.columnName, one.pgType as string] as const] : []))),
        ]),
    );
    const known = (table: string): ReadonlyMap<string, string> =>
        catalogue.get(table.replace(/^current_/, 'stg_')) ?? originTypes(database, table, depth + 1);
    const found = new Map<string, string>();
    const tables = new Map<string, ReadonlyMap<string, string>>();
    for (const { name, column, table } of database.prepare(`select * from ${quoteName(view)}`).columns()) {
        if (table !== null && column !== null) {
            tables.set(table, tables.get(table) ?? known(table));
            const type = tables.get(table)?.get(column);
            if (type !== undefined) {
                found.set(name, type);
            }
        }
    }
    return found;
}

/** Marts that read marts; a chain that is longer is followed no further. */
const ORIGIN_STEPS_MAX = 20;

/** A column that was retyped in flight holds texts of both types. */
function isSure({ pgType, sqliteType }: { readonly pgType: string | null; readonly sqliteType: string }): boolean {
    return pgType !== null && sqliteType !== 'ANY';
}

/** SQLite names the origin of the first SELECT only. */
function isCompound(database: Database, view: string): boolean {
    const sql = database.prepare('select sql from sqlite_schema where name = ?').pluck().get(view) as string;
    return significantTokens(sql).some((token) => ['union', 'except', 'intersect'].includes(wordOf(token) ?? ''));
}

function givenTypes(
    head: readonly HeaderEntry[],
    file: string,
    names: readonly string[],
): ReadonlyMap<string, PushType> {
    return new Map(
        head
            .filter(({ key }) => key === 'push_type')
            .map(({ value, line }) => {
                const [, quoted, plain, word = ''] = /^(?:"((?:[^"]|"")+)"|(\S+))\s+(.+)$/.exec(value) ?? [];
                const name = quoted?.replaceAll('""', '"') ?? plain ?? '';
                const type = typeOfPostgres(word);
                if (!names.includes(name) || type === undefined) {
                    throw new EltError({
                        code: 'SQL_HEADER',
                        message: `the head of "${file}" gives no column a type for its targets`,
                        where: `${file}:${line}`,
                        found: `"${value}"; expected one of the columns ${names.join(', ')} and one of the types ${PUSH_TYPES.join(', ')}`,
                        next: 'write it as "-- push_type: created_at timestamptz"',
                    });
                }
                return [name, type] as const;
            }),
    );
}

function keyOf(
    database: Database,
    mart: string,
    head: readonly HeaderEntry[],
    file: string,
    names: readonly string[],
): readonly string[] {
    const written = headerValue(head, 'key');
    const wanted = written === undefined ? uniqueColumns(database, mart) : parseNames(written, ',');
    const key = wanted?.map((one) => names.find((name) => name.toLowerCase() === one.toLowerCase()));
    if (key === undefined || key.length === 0 || key.includes(undefined)) {
        throw new EltError({
            code: 'PUSH_REFUSED',
            message: `the rows of "${mart}" have no key by which they could be pushed`,
            where: file === '' ? undefined : file,
            found:
                written === undefined
                    ? 'no line "-- key:" in its head, no primary key, no unique index'
                    : `the key "${written}"; columns: ${names.join(', ')}`,
            state: 'nothing was pushed',
            next: 'add a line to the head of its file: -- key: the columns that name a row',
        });
    }
    return key as string[];
}

/** The primary key of a table, else the first unique index of plain columns. */
function uniqueColumns(database: Database, table: string): readonly string[] {
    const primary = database
        .prepare('select name from pragma_table_info(?) where pk > 0 order by pk')
        .pluck()
        .all(table) as string[];
    const index = database
        .prepare('select name from pragma_index_list(?) where "unique" = 1 and partial = 0 order by seq desc')
        .pluck()
        .get(table) as string | undefined;
    const columns = database.prepare('select name from pragma_index_info(?) order by seqno').pluck();
    return primary.length > 0 || index === undefined ? primary : (columns.all(index) as string[]);
}
