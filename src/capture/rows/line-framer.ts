import { isSpace, LINE_FEED, RETURN } from '../../core/ascii.ts';
import { type Frame, RECORD_BYTES_MAX } from '../../core/frame.ts';
import { RejectCollector } from '../../core/rejected-bytes.ts';
import type { SourceEnd } from '../frame/source-end.ts';

export interface LineFramerState {
    readonly records: number;
}

interface LineFramerOptions {
    /** Place of the first byte that will be pushed. */
    readonly offset?: number;
    readonly state?: LineFramerState;
    /** A longer line is skipped and reported as a bad frame. */
    readonly lineBytesMax?: number;
}

/**
 * Cuts a source into lines, each of which is one record; damage never reaches into the next line. Blank lines and a
 * byte order mark are skipped; the last line needs no line feed.
 *
 * Owns the bytes of a line that has not ended yet. A crash loses nothing.
 */
export class LineFramer {
    readonly #lineBytesMax: number;
    #records: number;
    /** Place of the next byte that will be pushed. */
    #at: number;
    #held: Buffer[] = [];
    #heldBytes = 0;
    /** Set while a line that is too long passes. */
    #tooLong: RejectCollector | null = null;

    constructor(options: LineFramerOptions = {}) {
        this.#at = options.offset ?? 0;
        this.#records = options.state?.records ?? 0;
        this.#lineBytesMax = options.lineBytesMax ?? RECORD_BYTES_MAX;
    }

    push(chunk: Buffer, emit: (frame: Frame) => void): void {
        let from = 0;
        for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
            this.#line(chunk, from, end, emit);
            from = end + 1;
        }
        if (from < chunk.length) {
            this.#hold(chunk.subarray(from), this.#at + from);
        }
        this.#at += chunk.length;
    }

    /** The source has ended: bytes after the last line feed are a line too. */
    end(emit: (frame: Frame) => void): SourceEnd {
        if (this.#heldBytes === 0) {
            return 'ended';
        }
        this.#line(Buffer.alloc(0), 0, 0, emit);
        return 'open line';
    }

    state(): LineFramerState {
        return { records: this.#records };
    }

    #hold(bytes: Buffer, at: number): void {
        if (this.#tooLong === null && this.#heldBytes + bytes.length > this.#lineBytesMax) {
            this.#tooLong = new RejectCollector(at - this.#heldBytes);
            for (const piece of this.#held) {
                this.#tooLong.add(piece);
            }
            this.#held = [];
        }
        if (this.#tooLong === null) {
            this.#held.push(Buffer.from(bytes));
        } else {
            this.#tooLong.add(bytes);
        }
        this.#heldBytes += bytes.length;
    }

    #line(chunk: Buffer, from: number, end: number, emit: (frame: Frame) => void): void {
        if (this.#heldBytes + end - from > this.#lineBytesMax) {
            this.#hold(chunk.subarray(from, end), this.#at + from);
            const collector = this.#tooLong as RejectCollector;
            this.#forget();
            this.#records++;
            const reject = collector.finish('record-too-large', `a line of ${collector.length} bytes is too large`);
            emit({ kind: 'bad', reject, torn: false, record: this.#records, change: null });
            return;
        }
        if (this.#heldBytes === 0) {
            this.#record(chunk, from, end, this.#at, emit);
            return;
        }
        const line = Buffer.concat([...this.#held, chunk.subarray(from, end)]);
        const base = this.#at + from - this.#heldBytes;
        this.#forget();
        this.#record(line, 0, line.length, base, emit);
    }

    /** `base` is the place of the first byte of `source`. */
    #record(source: Buffer, from: number, to: number, base: number, emit: (frame: Frame) => void): void {
        let start = from;
        let end = to;
        if (base + start === 0 && source[start] === 0xef && source[start + 1] === 0xbb && source[start + 2] === 0xbf) {
            start += 3;
        }
        while (end > start && source[end - 1] === RETURN) {
            end--;
        }
        if (isBlank(source, start, end)) {
            return;
        }
        this.#records++;
        const record = this.#records;
        emit({
            kind: 'record',
            source,
            start,
            end,
            offset: base + start,
            record,
            skeleton: null,
            values: null,
            bounds: [],
        });
    }

    #forget(): void {
        this.#held = [];
        this.#heldBytes = 0;
        this.#tooLong = null;
    }
}

function isBlank(source: Buffer, start: number, end: number): boolean {
    for (let index = start; index < end; index++) {
        if (!isSpace(source[index] as number)) {
            return false;
        }
    }
    return true;
}
