import { type Options, parse } from 'csv-parse/sync';
import { LINE_FEED, RETURN } from '../../core/ascii.ts';
import type { Frame } from '../../core/frame.ts';
import { RejectCollector, rejectedBytes } from '../../core/rejected-bytes.ts';
import type { SourceEnd } from '../frame/source-end.ts';
import { checkedHeader, headerError } from './csv-header.ts';
import {
    type LineBreak,
    likelyDelimiter,
    lineBreakOf,
    lineEnd,
    type RowForm,
    rowEnd,
    UNCLOSED,
    UNFINISHED,
    withoutBreak,
} from './csv-row-ends.ts';
import { refuseOtherFile } from './refuse-other-file.ts';

export interface CsvFramerState {
    readonly records: number;
    /** The header; null until it has been read. */
    readonly names: readonly string[] | null;
    readonly delimiter: string | null;
    /** Where it is not a line feed. */
    readonly lineBreak?: LineBreak;
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
 * stray quote has swallowed the others. Empty lines are skipped. Lines may also end in carriage returns alone.
 *
 * Owns the bytes of a row that has not ended yet. A crash loses nothing: the header is in `state()`.
 */
export class CsvFramer {
    readonly #source: string;
    readonly #required: readonly string[];
    readonly #rowBytesMax: number;
    #records: number;
    #names: readonly string[] | null;
    /** Given, or null: told by the header. */
    readonly #delimiter: string | null;
    #form: RowForm;
    /** Collects a line that is too long while it passes. */
    #tooLong: RejectCollector | null = null;
    #endsInQuotes = false;
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
        const lineBreak = options.state?.lineBreak ?? LINE_FEED;
        this.#form = { delimiter: (this.#delimiter ?? ',').charCodeAt(0), lineBreak };
        this.#base = options.offset ?? 0;
    }

    push(chunk: Buffer, emit: (frame: Frame) => void): void {
        this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
        this.#frame(false, emit);
        // The chunk's owner will reuse its memory.
        this.#bytes = Buffer.from(this.#bytes);
    }

    /**
     * What has no line break yet is the last row, unless the source `grows`: then a header that has not ended is left.
     * @throws EltError SOURCE_HEADER if there is no header.
     */
    end(emit: (frame: Frame) => void, grows = false): SourceEnd {
        if (this.#bytes.length === 0 && this.#tooLong === null) {
            return 'ended';
        }
        if (this.#names === null && grows) {
            refuseOtherFile(this.#bytes, this.#source);
            return 'torn line';
        }
        if (this.#bytes.at(-1) === RETURN && this.#form.lineBreak === LINE_FEED) {
            // The first half of a line break.
            this.#bytes = this.#bytes.subarray(0, -1);
        }
        this.#endsInQuotes = false;
        this.#frame(true, emit);
        return this.#endsInQuotes ? 'open quote' : 'open line';
    }

    state(): CsvFramerState {
        const { delimiter, lineBreak } = this.#form;
        const isKnown = this.#names !== null;
        return {
            records: this.#records,
            names: this.#names,
            delimiter: isKnown ? String.fromCharCode(delimiter) : null,
            ...(lineBreak === LINE_FEED ? {} : { lineBreak }),
        };
    }

    #frame(isEnd: boolean, emit: (frame: Frame) => void): void {
        let from = this.#base === 0 && this.#bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
        if (this.#tooLong !== null) {
            from = this.#skip(this.#tooLong, from, isEnd, emit);
        }
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
                if (withoutBreak(this.#bytes, end, next, this.#form.lineBreak) > end) {
                    rows.push({ start: end, end: next });
                }
                end = next;
            }
            from = this.#rows(rows, end, emit);
            if (from < end) {
                continue;
            }
            if (next === UNCLOSED) {
                this.#endsInQuotes = true;
                from = this.#unclosed(from, isEnd, emit);
            } else {
                break;
            }
        }
        this.#base += from;
        this.#bytes = this.#bytes.subarray(from);
    }

    /** Where a row is too long it does not matter whether its quotes are closed behind the limit. */
    #rowEnd(from: number, isEnd: boolean): number {
        const end = rowEnd(this.#bytes, from, this.#form, isEnd);
        const length = (end < 0 ? this.#bytes.length : end) - from;
        return length > this.#rowBytesMax ? UNCLOSED : end;
    }

    /** Puts the first line of a row aside, which holds its open quote; or more of it than may be held. */
    #unclosed(from: number, isEnd: boolean, emit: (frame: Frame) => void): number {
        const { lineBreak } = this.#form;
        const end = lineEnd(this.#bytes, from, lineBreak);
        if (end - from <= this.#rowBytesMax) {
            return this.#bad(from, 'quote-not-closed', 'a quoted field is not closed', emit);
        }
        this.#tooLong = new RejectCollector(this.#base + from);
        return this.#skip(this.#tooLong, from, isEnd, emit);
    }

    /** Passes over a line that is too long; returns the index after what it took. */
    #skip(collector: RejectCollector, from: number, isEnd: boolean, emit: (frame: Frame) => void): number {
        const { lineBreak } = this.#form;
        const end = lineEnd(this.#bytes, from, lineBreak);
        const isWhole = end > from && this.#bytes[end - 1] === lineBreak;
        collector.add(this.#bytes.subarray(from, isWhole ? end - 1 : end));
        if (isWhole || isEnd) {
            this.#tooLong = null;
            this.#records++;
            const reject = collector.finish('record-too-large', `a line of ${collector.length} bytes is not read`);
            emit({ kind: 'bad', reject, torn: false, record: this.#records, change: null });
        }
        return end;
    }

    /** Index after the header, or `from` while it has not ended. */
    #header(from: number, isEnd: boolean): number {
        let start = from;
        while (this.#bytes[start] === LINE_FEED || this.#bytes[start] === RETURN) {
            start++;
        }
        const lineBreak = lineBreakOf(this.#bytes, start, isEnd);
        if (lineBreak === null || start === this.#bytes.length) {
            if (this.#bytes.length - start > this.#rowBytesMax) {
                throw headerError(`no line break within ${this.#rowBytesMax} bytes`, 'a line of names', this.#source);
            }
            return start;
        }
        const end = lineEnd(this.#bytes, start, lineBreak);
        const header = this.#bytes.subarray(start, end);
        refuseOtherFile(header, this.#source);
        const delimiter = this.#delimiter ?? likelyDelimiter(header);
        this.#form = { delimiter: delimiter.charCodeAt(0), lineBreak };
        // A name may also contain a line break.
        const whole = this.#rowEnd(start, isEnd);
        if (whole === UNFINISHED) {
            return start;
        }
        const names = whole === UNCLOSED ? undefined : this.#parse(start, whole)?.[0];
        this.#names = checkedHeader(names, this.#required, this.#source);
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
            end: withoutBreak(this.#bytes, start, end, this.#form.lineBreak),
            offset: this.#base + start,
            record: this.#records,
            skeleton: null,
            values: null,
            bounds: [],
            row: { names: this.#names ?? [], fields, delimiter: String.fromCharCode(this.#form.delimiter) },
        });
    }

    /** Puts the line at `start` aside; returns the index after it. */
    #bad(start: number, reason: string, detail: string, emit: (frame: Frame) => void): number {
        const { lineBreak } = this.#form;
        const next = lineEnd(this.#bytes, start, lineBreak);
        const bytes = this.#bytes.subarray(start, withoutBreak(this.#bytes, start, next, lineBreak));
        this.#records++;
        const reject = rejectedBytes(bytes, this.#base + start, reason, detail);
        emit({ kind: 'bad', reject, torn: false, record: this.#records, change: null });
        return next;
    }

    #parse(start: number, end: number): string[][] | undefined {
        const options: Options = {
            delimiter: String.fromCharCode(this.#form.delimiter),
            record_delimiter: this.#form.lineBreak === LINE_FEED ? ['\r\n', '\n'] : ['\r'],
            relax_column_count: true,
            skip_empty_lines: true,
        };
        try {
            return parse(this.#bytes.subarray(start, end), options);
        } catch {
            return undefined;
        }
    }
}
