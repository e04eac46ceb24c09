import { parseStmt } from 'sqlite3-parser';
import type { SqlSelect } from './sql-nodes.ts';

/** A SELECT with its text: nodes point into it by UTF-16 units. */
export interface ParsedSelect {
    readonly text: string;
    readonly select: SqlSelect;
    /** The names that `create view name (a, b)` gives to the columns. */
    readonly columns: readonly string[] | undefined;
}

/**
 * Parses a SELECT, or the SELECT of a `create view`. Undefined where the parser does not understand what SQLite may well
 * understand: a caller must be right without an answer.
 */
export function parseSelect(text: string): ParsedSelect | undefined {
    const parsed = parseStmt(text);
    if (parsed.status !== 'ok') {
        return undefined;
    }
    switch (parsed.root.type) {
        case 'SelectStmt':
            return { text, select: parsed.root.body, columns: undefined };
        case 'CreateViewStmt':
            return {
                text,
                select: parsed.root.select,
                columns: parsed.root.columns?.map((column) => column.colName.text),
            };
        default:
            return undefined;
    }
}
