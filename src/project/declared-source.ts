import { basename } from 'node:path';
import type { SqliteType } from '../core/storage-types.ts';
import type { Shape } from '../core/stream-event.ts';

/**
 * A source of rows (CSV or JSON, not a change stream) as a pipeline declares it: which files fill which staging table,
 * and its columns. Nothing is guessed: a column that is not declared is text.
 */
export interface DeclaredSource {
    /** `public`, unless `--table` names another. */
    readonly schema: string;
    /** Staged as `stg_<table>`, or `stg_<schema>__<table>` outside `public`. */
    readonly table: string;
    /** Rows of a PostgreSQL relation, as its `copy … csv` writes them: an empty field is null, `""` an empty text. */
    readonly isCopy: boolean;
    /** Patterns for base names: `events*.jsonl`. Empty for a table that is only named by `--table`. */
    readonly files: readonly string[];
    /** Patterns for the topics whose messages are its rows; empty: the topic of the table's name. */
    readonly topics: readonly string[];
    /** What the messages of those topics are; null: as `--format` says, else rows as JSON objects. */
    readonly messages: MessageFormat | null;
    /** `csv`; `jsonl`: a row a line; `json`: an array of rows, or lines, recognised by the first byte; null: by name. */
    readonly format: DeclaredFormat | null;
    /** Null: the one of `,` `;` and tab that is most frequent in the header. */
    readonly delimiter: string | null;
    readonly columns: readonly DeclaredColumn[];
    /** Names of the key's columns; empty: identical rows are separate rows. */
    readonly key: readonly string[];
    /** Number of rows in one commit, with their position; null: the engine decides. */
    readonly commitRows: number | null;
    /** The file's name as it is shown, `sql/game/sources/events.sql`; null if nothing is declared. */
    readonly file: string | null;
}

export type DeclaredFormat = 'csv' | 'json' | 'jsonl';

/** What a message of a topic is: a row as a JSON object; changes as wal2json, or Debezium, writes them; a row in Avro. */
export const MESSAGE_FORMATS = ['json', 'wal2json', 'debezium', 'avro'] as const;
export type MessageFormat = (typeof MESSAGE_FORMATS)[number];

export interface DeclaredColumn {
    readonly name: string;
    readonly type: RowType;
    /** A row without it is rejected. */
    readonly required: boolean;
    /** Of a relation of the stream: its PostgreSQL type there; null: not known yet, but how it will be stored is. */
    readonly pgType?: string | null;
    readonly stored?: SqliteType;
}

/** The types that can be declared, and the PostgreSQL type in the catalogue, which also decides how values are stored. */
export const ROW_TYPES = {
    /** Unchanged; JSON that is not a string as its JSON text. */
    text: 'text',
    /** A whole number of 64 bits, without leading zeros. */
    integer: 'bigint',
    /** A decimal number of any length, kept as its text. */
    numeric: 'numeric',
    /** A number that a double can represent. */
    real: 'double precision',
    /** true or false, as 1 or 0. */
    boolean: 'boolean',
    /** `2023-04-15`. */
    date: 'date',
    /** `2023-04-15T12:04:02.61636`, with or without an offset; kept as its text. */
    timestamp: 'timestamp',
    uuid: 'uuid',
    /** The value's JSON text, whatever its type: for fields that SQL interprets. */
    json: 'json',
    /** The text of the whole row: not a field of the source. */
    record: 'text',
} as const;

export type RowType = keyof typeof ROW_TYPES;

/** A source for a table without a declaration. */
export function undeclaredSource(table: string): DeclaredSource {
    const nothing = {
        files: [],
        topics: [],
        messages: null,
        format: null,
        delimiter: null,
        columns: [],
        key: [],
        commitRows: null,
        file: null,
    };
    return { schema: 'public', table, isCopy: false, ...nothing };
}

/** The shape of a source's inserts, with these columns. */
export function declaredShape(source: DeclaredSource, columns: readonly DeclaredColumn[] = source.columns): Shape {
    return {
        op: 'insert',
        schema: source.schema,
        table: source.table,
        columns: columns.map(({ name, type, pgType, stored }) => {
            const shape = { name, type: pgType === undefined ? ROW_TYPES[type] : pgType };
            return stored === undefined ? shape : { ...shape, stored };
        }),
        oldColumns: [],
        primaryKey: source.isCopy && source.key.length === 0 ? null : source.key,
    };
}

/** The base name without the extension of a compressed file. */
export function plainBaseName(name: string): string {
    return basename(name).replace(/\.(gz|zst)$/, '');
}

/** The format if the declaration does not name one: by the extension of the base name. */
export function formatOfName(name: string): 'csv' | 'json' | 'jsonl' | null {
    const ending = /\.([a-z]+)$/i.exec(plainBaseName(name))?.[1]?.toLowerCase() ?? '';
    const formats = { csv: 'csv', tsv: 'csv', json: 'json', jsonl: 'jsonl', ndjson: 'jsonl' } as const;
    return Object.hasOwn(formats, ending) ? formats[ending as keyof typeof formats] : null;
}
