import { jsonTextSql } from '../../sql/json-text-sql.ts';
import { labelPath, quoteName, quoteText } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { oldName } from '../fold/fold-names.ts';
import { STAGED_BOOKKEEPING, type StagedRelation } from '../plan/engine-tables.ts';

/** A value out of JSON that a mart reads, read by SQLite. */
export interface JsonValue {
    readonly name: string;
    readonly column: string;
    readonly path: string;
}

/** A column of a staging table as PostgreSQL is given it, with the SQL by which SQLite reads it. */
interface CopiedColumn {
    readonly name: string;
    readonly type: string;
    readonly read: string;
}

/** The statements that create `stg_<table>` with all that has landed whole, for `psql -f`. */
export function* copyStaged(
    database: Database,
    spec: StagedRelation,
    json: readonly JsonValue[],
    dialect: Dialect,
): Generator<string, void> {
    const columns = copiedColumns(spec, json, dialect);
    const table = dialect.name(`stg_${spec.tail}`);
    const declared = columns.map(({ name, type }) => `    ${dialect.name(name)} ${type}`);
    yield `create temporary table ${table} (\n${declared.join(',\n')}\n);\n`;
    yield `copy ${table} from stdin;\n`;
    const rows = database
        .prepare(
            `select ${columns.map(({ read }) => read).join(', ')}
            from ${quoteName(`stg_${spec.tail}`)}
            where _seq <= (select whole_seq from elt_stream)
            order by _seq`,
        )
        .raw()
        .safeIntegers()
        .iterate() as IterableIterator<unknown[]>;
    for (const row of rows) {
        yield `${row.map(copiedValue).join('\t')}\n`;
    }
    yield `\\.\n\nanalyze ${table};\n\n`;
}

function copiedColumns(spec: StagedRelation, json: readonly JsonValue[], dialect: Dialect): readonly CopiedColumn[] {
    const typeOf = (name: string): string =>
        dialect.declared(spec.columns.find((column) => column.name === name)?.type ?? 'TEXT');
    return [
        ...STAGED_BOOKKEEPING.map(([name, type]) => ({ name, type: dialect.declared(type), read: quoteName(name) })),
        ...spec.key.map((name) => ({
            name: oldName(name),
            type: typeOf(name),
            read: `_old_key ->> ${labelPath(name)}`,
        })),
        ...spec.columns
            .filter((column) => column.unseen !== true)
            .map(({ name, type }) => ({
                name,
                type: dialect.declared(type),
                read: type === 'ANY' ? `cast(${quoteName(name)} as text)` : quoteName(name),
            })),
        ...json.map(({ name, column, path }) => ({
            name,
            type: dialect.declared('TEXT'),
            read: jsonTextSql(quoteName(column), quoteText(path)),
        })),
    ];
}

/** A value in the text format of `copy`. Source: PostgreSQL, "COPY", File Formats. */
function copiedValue(value: unknown): string {
    if (value === null) {
        return '\\N';
    }
    return typeof value === 'string'
        ? value.replace(/[\\\n\r\t]/g, (character) => ESCAPES[character] ?? '')
        : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
