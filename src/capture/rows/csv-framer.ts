import { type Options, parse } from 'csv-parse/sync';
import { LINE_FEED } from '../../core/ascii.ts';
import { EltError } from '../../core/errors.ts';
import type { Frame } from '../../core/frame.ts';
import { rejectedBytes } from '../../core/rejected-bytes.ts';
import { likelyDelimiter, lineEnd, rowEnd, UNCLOSED, UNFINISHED, withoutBreak } from './csv-row-ends.ts';

export interface CsvFramerState {
    readonly records: number;
    /** The header; null until it has been read. */
    readonly names: readonly string[] | null;
    readonly delimiter: string | null;
}

interface CsvFramerOptions {
    readonly offset?: number;
    readonly state?: CsvFramerState;
    readonly source?: string;
    /** Null: taken from the header. */
    readonly delimiter?: string | null;
    /** Columns that the header must have. */
    readonly required?: readonly string[];
    /** If a quoted field is not closed within this many bytes, its first line is put aside. */
    readonly rowBytesMax?: number;
}

const ROW_BYTES_MAX = 16 * 1024 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

interface Row {
    readonly start: number;
    /** After its line break. */
    readonly end: number;
}

/**
 * Cuts a CSV source (RFC 4180: quotes, line breaks in quotes, `,` `;` or tab, a byte order mark, a header) into rows.
 * The ends of rows are found here, so that every row has its place and its bytes; csv-parse splits the fields, a chunk
 * of rows at a time. A row that it refuses is put aside alone; if the row spans lines, only its first line, because a
 * stray quote has swallowed the others. Empty lines are skipped.
 *
 * Owns the bytes of a row that has not ended yet. A crash loses nothing: the header is in `state()`.
 */
export class CsvFramer {
    readonly #source: string;
    readonly #required: readonly string[];
    readonly #rowBytesMax: number;
    #records: number;
    #names: readonly string[] | null;
    #delimiter: string | null;
    /** Bytes that are not framed yet, and the place of the first. */
    #bytes: Buffer = Buffer.alloc(0);
    #base: number;

    constructor(options: CsvFramerOptions = {}) {
        this.#source = options.source ?? 'the source';
        this.#required = options.required ?? [];
        this.#rowBytesMax = options.rowBytesMax ?? ROW_BYTES_MAX;
        this.#records = options.state?.records ?? 0;
        this.#names = options.state?.names ?? null;
        this.#delimiter = options.state?.delimiter ?? options.delimiter ?? null;
        this.#base = options.offset ?? 0;
    }

    push(chunk: Buffer, emit: (frame: Frame) => void): void {
        this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
        this.#frame(false, emit);
        // The chunk's owner will reuse its memory.
        this.#bytes = Buffer.from(this.#bytes);
    }

    /** @throws EltError SOURCE_HEADER if there is no header. */
    end(emit: (frame: Frame) => void): void {
        this.#frame(true, emit);
    }

    state(): CsvFramerState {
        return { records: this.#records, names: this.#names, delimiter: this.#delimiter };
    }

    #frame(isEnd: boolean, emit: (frame: Frame) => void): void {
        let from = this.#base === 0 && this.#bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
        if (this.#names === null) {
            from = this.#header(from, isEnd);
        }
        while (this.#names !== null && from < this.#bytes.length) {
            const rows: Row[] = [];
            let end = from;
            let next = end;
            while (end < this.#bytes.length) {
                next = this.#rowEnd(end, isEnd);
                if (next < 0) {
                    break;
                }
                if (withoutBreak(this.#bytes, end, next) > end) {
                    rows.push({ start: end, end: next });
                }
                end = next;
            }
            from = this.#rows(rows, end, emit);
            if (from < end) {
                continue;
            }
            if (next === UNCLOSED) {
                from = this.#bad(from, 'quote-not-closed', 'a quoted field is not closed', emit);
            } else {
                break;
            }
        }
        this.#base += from;
        this.#bytes = this.#bytes.subarray(from);
    }

    #rowEnd(from: number, isEnd: boolean): number {
        const end = rowEnd(this.#bytes, from, (this.#delimiter ?? ',').charCodeAt(0), isEnd);
        return end === UNFINISHED && this.#bytes.length - from > this.#rowBytesMax ? UNCLOSED : end;
    }

    /** Index after the header, or `from` while it has not ended. */
    #header(from: number, isEnd: boolean): number {
        let start = from;
        let end = lineEnd(this.#bytes, start);
        while (end > start && withoutBreak(this.#bytes, start, end) === start) {
            start = end;
            end = lineEnd(this.#bytes, start);
        }
        if (end === start || (this.#bytes[end - 1] !== LINE_FEED && !isEnd)) {
            return start;
        }
        this.#delimiter ??= likelyDelimiter(this.#bytes.subarray(start, end));
        // A name may also contain a line break.
        const whole = this.#rowEnd(start, isEnd);
        if (whole === UNFINISHED) {
            return start;
        }
        const names = whole === UNCLOSED ? null : this.#parse(start, whole)?.[0];
        if (names === undefined || names === null) {
            throw this.#headerError('unbalanced quotes', 'a line of names');
        }
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        if (twice !== undefined) {
            throw this.#headerError(`"${twice}" twice`, 'each name once');
        }
        const missing = this.#required.filter((name) => !names.includes(name));
        if (missing.length > 0) {
            throw this.#headerError(names.join(', '), `also ${missing.map((name) => `"${name}"`).join(', ')}`);
        }
        this.#names = names;
        return whole;
    }

    /** Delivers rows; returns where to continue: `end`, or after a bad row's first line. */
    #rows(rows: readonly Row[], end: number, emit: (frame: Frame) => void): number {
        const first = rows[0];
        if (first === undefined) {
            return end;
        }
        const all = this.#parse(first.start, end);
        if (all?.length === rows.length) {
            for (const [index, row] of rows.entries()) {
                this.#row(row, all[index] as string[], emit);
            }
            return end;
        }
        for (const row of rows) {
            const fields = this.#parse(row.start, row.end);
            if (fields?.length !== 1) {
                const next = this.#bad(row.start, 'not-csv', 'the quotes of the row are unbalanced', emit);
                if (next < row.end) {
                    return next;
                }
            } else {
                this.#row(row, fields[0] as string[], emit);
            }
        }
        return end;
    }

    #row({ start, end }: Row, fields: readonly string[], emit: (frame: Frame) => void): void {
        this.#records++;
        emit({
            kind: 'record',
            source: this.#bytes,
            start,
            end: withoutBreak(this.#bytes, start, end),
            offset: this.#base + start,
            record: this.#records,
            skeleton: null,
            values: null,
            bounds: [],
            row: { names: this.#names ?? [], fields, delimiter: this.#delimiter ?? ',' },
        });
    }

    /** Puts the line at `start` aside; returns the index after it. */
    #bad(start: number, reason: string, detail: string, emit: (frame: Frame) => void): number {
        const next = lineEnd(this.#bytes, start);
        const bytes = this.#bytes.subarray(start, withoutBreak(this.#bytes, start, next));
        this.#records++;
        const reject = rejectedBytes(bytes, this.#base + start, reason, detail);
        emit({ kind: 'bad', reject, torn: false, record: this.#records, change: null });
        return next;
    }

    #parse(start: number, end: number): string[][] | undefined {
        const options: Options = {
            delimiter: this.#delimiter ?? ',',
            record_delimiter: ['\r\n', '\n'],
            relax_column_count: true,
            skip_empty_lines: true,
        };
        try {
            return parse(this.#bytes.subarray(start, end), options);
        } catch {
            return undefined;
        }
    }

    #headerError(found: string, expected: string): EltError {
        return new EltError({
            code: 'SOURCE_HEADER',
            message: `the header of "${this.#source}" does not match its table`,
            where: `${this.#source}:1`,
            found: `${found}; expected ${expected}`,
            state: 'nothing of it was landed',
            next: 'correct the header, or the declaration in sql/<pipeline>/sources/',
        });
    }
}
