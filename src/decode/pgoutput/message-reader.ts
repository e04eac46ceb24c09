import { lsnOf } from '../../core/lsn.ts';
import { timestampText } from '../../core/timestamp-text.ts';
import { utf8Text } from '../../core/utf8-text.ts';

/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_MICROSECONDS = 946_684_800_000_000;

/**
 * Reads a message of the replication protocol from its first byte to its last.
 * Source: https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 */
export class MessageReader {
    bytes: Buffer = Buffer.alloc(0);
    at = 0;

    begin(bytes: Buffer, start: number): void {
        this.bytes = bytes;
        this.at = start;
    }

    byte(): number {
        return this.bytes[this.at++] as number;
    }

    int16(): number {
        const value = this.bytes.readInt16BE(this.at);
        this.at += 2;
        return value;
    }

    int32(): number {
        const value = this.bytes.readInt32BE(this.at);
        this.at += 4;
        return value;
    }

    uint32(): number {
        const value = this.bytes.readUInt32BE(this.at);
        this.at += 4;
        return value;
    }

    lsn(): string {
        return lsnOf(this.uint32(), this.uint32());
    }

    /** As wal2json writes a time: `2026-01-02 03:04:05.678901+00`. */
    timestamp(): string {
        // Whole microseconds stay below 2^53 for two centuries and more.
        const microseconds = this.int32() * 2 ** 32 + this.uint32();
        return `${timestampText(microseconds + EPOCH_MICROSECONDS)}+00`;
    }

    /** A text that ends with a zero byte. */
    name(): string {
        const end = this.bytes.indexOf(0, this.at);
        const text = utf8Text(this.bytes, this.at, end);
        this.at = end + 1;
        return text;
    }
}
