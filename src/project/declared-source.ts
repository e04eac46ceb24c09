import { basename } from 'node:path';
import type { Shape } from '../core/stream-event.ts';

/**
 * A source of rows (CSV or JSON, no change stream) as a pipeline declares it: which files fill which staging table, and
 * what its columns are. Nothing is guessed: a column that is not declared is text.
 */
export interface DeclaredSource {
    /** Staged as `stg_<table>`. */
    readonly table: string;
    /** Patterns of base names: `events*.jsonl`. Empty for a table that only `--table` names. */
    readonly files: readonly string[];
    /** `csv`; `jsonl`: a line a row; `json`: an array of rows, or lines, told apart by the first byte; null: by name. */
    readonly format: DeclaredFormat | null;
    /** Null: the one of `,` `;` and tab that the header holds most. */
    readonly delimiter: string | null;
    readonly columns: readonly DeclaredColumn[];
    /** Names of the key's columns; empty: rows that are the same are several rows. */
    readonly key: readonly string[];
    /** Rows that are committed together with their position; null: as many as suit the engine. */
    readonly commitRows: number | null;
    /** As people know it: `sql/game/sources/events.sql`; null where nothing is declared. */
    readonly file: string | null;
}

export type DeclaredFormat = 'csv' | 'json' | 'jsonl';

export interface DeclaredColumn {
    readonly name: string;
    readonly type: RowType;
    /** A row without it is put aside. */
    readonly required: boolean;
}

/** What may be declared, and the PostgreSQL type that the catalogue keeps, which also decides how it is stored. */
export const ROW_TYPES = {
    /** As it stands; JSON that is no string as its JSON text. */
    text: 'text',
    /** A whole number of 64 bits, without leading zeros. */
    integer: 'bigint',
    /** A decimal number of any length, kept as its text. */
    numeric: 'numeric',
    /** A number that a double holds. */
    real: 'double precision',
    /** true or false, as 1 or 0. */
    boolean: 'boolean',
    /** `2023-04-15`. */
    date: 'date',
    /** `2023-04-15T12:04:02.61636`, with or without an offset; kept as its text. */
    timestamp: 'timestamp',
    uuid: 'uuid',
    /** The value's own JSON text, whatever it is: for fields that SQL is to judge. */
    json: 'json',
    /** The whole row's own text: no field of the source. */
    record: 'text',
} as const;

export type RowType = keyof typeof ROW_TYPES;

/** A table of which nothing is declared. */
export function undeclaredSource(table: string): DeclaredSource {
    return { table, files: [], format: null, delimiter: null, columns: [], key: [], commitRows: null, file: null };
}

/** What the inserts of a source look like, with these columns. */
export function declaredShape(source: DeclaredSource, columns: readonly DeclaredColumn[] = source.columns): Shape {
    return {
        op: 'insert',
        schema: 'public',
        table: source.table,
        columns: columns.map(({ name, type }) => ({ name, type: ROW_TYPES[type] })),
        oldColumns: [],
        primaryKey: source.key,
    };
}

/** The base name without an ending that says how the bytes are packed, not what they are. */
export function plainBaseName(name: string): string {
    return basename(name).replace(/\.(gz|zst)$/, '');
}

/** How rows are written, where the declaration does not say: by the ending of the base name. */
export function formatOfName(name: string): 'csv' | 'json' | 'jsonl' | null {
    const ending = /\.([a-z]+)$/i.exec(plainBaseName(name))?.[1]?.toLowerCase() ?? '';
    const formats = { csv: 'csv', tsv: 'csv', json: 'json', jsonl: 'jsonl', ndjson: 'jsonl' } as const;
    return Object.hasOwn(formats, ending) ? formats[ending as keyof typeof formats] : null;
}
