import { closeSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import type { FactsMessage, PluginMessage, StreamMessage } from '../../capture/postgres/stream-message.ts';
import type { Database } from '../../sqlite/database.ts';

/** Kind, length, and where the log has a plugin's message. */
const HEAD_BYTES = 13;
const [PLUGIN, FACTS] = [1, 2];
const BUFFER_BYTES = 64 * 1024;

/**
 * Messages of a stream that wait until a table is copied.
 *
 * Owns a file without a name: it goes with the process, and then the table is copied from a later snapshot, which has
 * all that was in it. `mark` says that what was added is committed in the stream's place; what comes after it is sent
 * again when the connection is lost, and is forgotten by `undo`.
 */
export class HeldChanges {
    readonly #file: number;
    #length = 0;
    #marked = 0;
    #buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    #buffered = 0;

    constructor(database: Database) {
        const path = `${database.name}-held`;
        this.#file = openSync(path, 'w+', 0o600);
        unlinkSync(path);
    }

    /** Bytes that wait. */
    get length(): number {
        return this.#length;
    }

    add(message: PluginMessage | FactsMessage): void {
        if (message.kind === 'facts') {
            const bytes = Buffer.from(JSON.stringify(message.facts));
            this.#append(FACTS, 0, 0, bytes, 0, bytes.length);
        } else {
            const { source, start, end, lsnHigh, lsnLow } = message;
            this.#append(PLUGIN, lsnHigh, lsnLow, source, start, end);
        }
    }

    mark(): void {
        this.#flush();
        this.#marked = this.#length;
    }

    undo(): void {
        this.#flush();
        ftruncateSync(this.#file, this.#marked);
        this.#length = this.#marked;
    }

    /** All messages, in order; the bytes of one are good until the next. */
    *messages(): Generator<StreamMessage> {
        this.#flush();
        const head = Buffer.allocUnsafe(HEAD_BYTES);
        for (let at = 0; at < this.#length; ) {
            readSync(this.#file, head, 0, HEAD_BYTES, at);
            const source = Buffer.allocUnsafeSlow(head.readUInt32BE(1));
            readSync(this.#file, source, 0, source.length, at + HEAD_BYTES);
            at += HEAD_BYTES + source.length;
            const common = { after: null, isIdle: false, wantsAnswer: false };
            yield head[0] === FACTS
                ? { ...common, kind: 'facts', facts: JSON.parse(source.toString('utf8')) }
                : {
                      ...common,
                      kind: 'plugin',
                      source,
                      start: 0,
                      end: source.length,
                      lsnHigh: head.readUInt32BE(5),
                      lsnLow: head.readUInt32BE(9),
                  };
        }
    }

    close(): void {
        closeSync(this.#file);
    }

    #append(kind: number, high: number, low: number, source: Buffer, start: number, end: number): void {
        const length = end - start;
        if (this.#buffered + HEAD_BYTES + length > this.#buffer.length) {
            this.#flush();
            if (HEAD_BYTES + length > this.#buffer.length) {
                this.#buffer = Buffer.allocUnsafeSlow(HEAD_BYTES + length);
            }
        }
        const at = this.#buffered;
        this.#buffer[at] = kind;
        this.#buffer.writeUInt32BE(length, at + 1);
        this.#buffer.writeUInt32BE(high, at + 5);
        this.#buffer.writeUInt32BE(low, at + 9);
        source.copy(this.#buffer, at + HEAD_BYTES, start, end);
        this.#buffered += HEAD_BYTES + length;
        this.#length += HEAD_BYTES + length;
    }

    #flush(): void {
        const from = this.#length - this.#buffered;
        for (let written = 0; written < this.#buffered; ) {
            written += writeSync(this.#file, this.#buffer, written, this.#buffered - written, from + written);
        }
        this.#buffered = 0;
    }
}
