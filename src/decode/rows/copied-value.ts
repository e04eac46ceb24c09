import type { RecordFrame } from '../../core/frame.ts';
import { type SqliteType, storageOf, type ValueRule } from '../../core/storage-types.ts';
import type { SqlValue } from '../../core/stream-event.ts';
import type { DeclaredColumn, RowType } from '../../project/declared-source.ts';
import { csvValue } from './declared-values.ts';

/** Rows of a relation of PostgreSQL, as its `copy … csv` writes them. */

const TYPE_OF_RULE: Readonly<Record<ValueRule, RowType>> = {
    integer: 'integer',
    boolean: 'boolean',
    number: 'real',
    numeric: 'numeric',
    text: 'text',
    any: 'text',
};
const TYPE_OF_STORAGE: Readonly<Record<SqliteType, RowType>> = {
    INTEGER: 'integer',
    REAL: 'real',
    TEXT: 'text',
    ANY: 'text',
};

/** A column that the stream has shown; copied values land in it as the stream's do. */
export function copiedColumn(name: string, pgType: string | null): DeclaredColumn {
    return { name, type: TYPE_OF_RULE[storageOf(pgType).rule], required: false, pgType };
}

/** A column of which only its current table is known. */
export function columnStored(name: string, stored: SqliteType): DeclaredColumn {
    return { name, type: TYPE_OF_STORAGE[stored], required: false, pgType: null, stored };
}

/** The value of field `index`; `copy` writes null without quotes, and an empty text with them. */
export function copiedValue(field: string, column: DeclaredColumn, frame: RecordFrame, index: number): SqlValue {
    if (field === '' && !isQuoted(frame, index)) {
        return null;
    }
    // The stream has the digits alone.
    return csvValue(column.pgType === 'bytea' && field.startsWith('\\x') ? field.slice(2) : field, column);
}

/** Whether the empty field `index` stands in quotes. */
function isQuoted({ source, start, end, row }: RecordFrame, index: number): boolean {
    const text = source.toString('utf8', start, end);
    if (!text.includes('""')) {
        return false;
    }
    let at = 0;
    for (let field = 0; field < index; field++) {
        at = fieldEnd(text, at, row?.delimiter ?? ',') + 1;
    }
    return text[at] === '"';
}

/** The index of the delimiter after the field at `from`. */
function fieldEnd(text: string, from: number, delimiter: string): number {
    let at = from;
    if (text[at] === '"') {
        do {
            at = text.indexOf('"', at + 1) + 1;
        } while (at > 0 && text[at] === '"');
    }
    return text.indexOf(delimiter, at);
}
