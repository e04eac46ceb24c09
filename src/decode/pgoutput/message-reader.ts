import { lsnOf } from '../../core/lsn.ts';
import { timestampText } from '../../core/timestamp-text.ts';
import { utf8Text } from '../../core/utf8-text.ts';
import { UnknownMessage } from './unknown-message.ts';

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MICROSECONDS = 946_684_800_000_000;

/**
 * Reads a message of the replication protocol from its first byte to its last, and nothing of what lies after it.
 * Source: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export class MessageReader {
    bytes: Buffer = Buffer.alloc(0);
    at = 0;
    #end = 0;

    begin(bytes: Buffer, start: number, end: number): void {
        this.bytes = bytes;
        this.at = start;
        this.#end = end;
    }

    /** Moves forward by so many bytes; gives where they begin. @throws UnknownMessage the message has fewer. */
    skip(bytes: number): number {
        const start = this.at;
        if (bytes < 0 || bytes > this.#end - start) {
            throw new UnknownMessage(`a message that ends ${bytes - this.#end + start} bytes too early`);
        }
        this.at = start + bytes;
        return start;
    }

    /** To be called when all of it has been read. @throws UnknownMessage there is more. */
    finish(): void {
        if (this.at !== this.#end) {
            throw new UnknownMessage(`a message with ${this.#end - this.at} bytes more than it has parts`);
        }
    }

    byte(): number {
        return this.bytes[this.skip(1)] as number;
    }

    int16(): number {
        return this.bytes.readInt16BE(this.skip(2));
    }

    int32(): number {
        const at = this.skip(4);
        const { bytes } = this;
        return (
            ((bytes[at] as number) << 24) |
            ((bytes[at + 1] as number) << 16) |
            ((bytes[at + 2] as number) << 8) |
            (bytes[at + 3] as number)
        );
    }

    uint32(): number {
        return this.int32() >>> 0;
    }

    lsn(): string {
        return lsnOf(this.uint32(), this.uint32());
    }

    /** As wal2json writes a time: `2026-01-02 03:04:05.678901+00`. */
    timestamp(): string {
        // Whole microseconds stay below 2^53 for two centuries and more.
        const microseconds = this.int32() * 2 ** 32 + this.uint32() + EPOCH_MICROSECONDS;
        if (!Number.isSafeInteger(microseconds)) {
            throw new UnknownMessage(`a time of ${microseconds} microseconds`);
        }
        return `${timestampText(microseconds)}+00`;
    }

    /** A text that ends with a zero byte. */
    name(): string {
        const length = this.bytes.indexOf(0, this.at) - this.at;
        const start = this.skip(length < 0 ? this.#end : length + 1);
        return utf8Text(this.bytes, start, start + length);
    }
}
