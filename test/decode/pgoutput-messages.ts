import type { PgoutputMessage } from '../../src/decode/pgoutput/pgoutput-decoder.ts';

/** Messages of `pgoutput`, protocol 1, as a server writes them. Source: PostgreSQL's documentation, "Logical Replication Message Formats". */

export interface WrittenColumn {
    readonly name: string;
    readonly isKey: boolean;
    readonly typeOid: number;
}

export interface WrittenRelation {
    readonly oid: number;
    readonly schema: string;
    readonly table: string;
    readonly identity: 'd' | 'n' | 'f' | 'i';
    readonly columns: readonly WrittenColumn[];
}

/** A value's text; null; or `unchanged`, a long value that was not sent. */
export type WrittenValue = string | null | typeof UNCHANGED;
export const UNCHANGED = Symbol('unchanged');

export function begin(position: bigint, xid: number): Buffer {
    return Buffer.concat([letter('B'), int64(position), int64(1_000_000n), int32(xid)]);
}

export function commit(position: bigint): Buffer {
    return Buffer.concat([letter('C'), Buffer.from([0]), int64(position - 8n), int64(position), int64(1_000_000n)]);
}

export function relation({ oid, schema, table, identity, columns }: WrittenRelation): Buffer {
    const written = columns.map(({ name, isKey, typeOid }) =>
        Buffer.concat([Buffer.from([isKey ? 1 : 0]), text(name), int32(typeOid), int32(-1)]),
    );
    return Buffer.concat([
        letter('R'),
        int32(oid),
        text(schema),
        text(table),
        letter(identity),
        int16(columns.length),
        ...written,
    ]);
}

export function insert(oid: number, row: readonly WrittenValue[]): Buffer {
    return Buffer.concat([letter('I'), int32(oid), letter('N'), tuple(row)]);
}

export function update(oid: number, old: OldRow | null, row: readonly WrittenValue[]): Buffer {
    const before = old === null ? [] : [letter(old.kind), tuple(old.row)];
    return Buffer.concat([letter('U'), int32(oid), ...before, letter('N'), tuple(row)]);
}

export function remove(oid: number, old: OldRow): Buffer {
    return Buffer.concat([letter('D'), int32(oid), letter(old.kind), tuple(old.row)]);
}

export interface OldRow {
    /** The key's columns alone, or all of them. */
    readonly kind: 'K' | 'O';
    readonly row: readonly WrittenValue[];
}

export function truncate(oids: readonly number[]): Buffer {
    return Buffer.concat([letter('T'), int32(oids.length), Buffer.from([0]), ...oids.map(int32)]);
}

export function logicalMessage(isTransactional: boolean, prefix: string, content: Buffer): Buffer {
    const head = [letter('M'), Buffer.from([isTransactional ? 1 : 0]), int64(99n), text(prefix)];
    return Buffer.concat([...head, int32(content.length), content]);
}

/** Amid bytes of others, as a message lies in the memory that a connection is read into. */
export function placed(bytes: Buffer): PgoutputMessage {
    const [before, after] = [Buffer.alloc(7, 0x74), Buffer.alloc(40, 0x74)];
    const source = Buffer.concat([before, bytes, after]);
    return { source, start: before.length, end: before.length + bytes.length, lsnHigh: 0, lsnLow: 4_096 };
}

/** A row in the text format of COPY. */
export function copyRow(row: readonly (string | null)[]): Buffer {
    const escapes: Readonly<Record<string, string>> = {
        '\\': '\\\\',
        '\b': '\\b',
        '\f': '\\f',
        '\n': '\\n',
        '\r': '\\r',
        '\t': '\\t',
        '\v': '\\v',
    };
    const written = (value: string): string => value.replace(/[\\\b\f\n\r\t\v]/g, (one) => escapes[one] as string);
    return Buffer.from(`${row.map((value) => (value === null ? '\\N' : written(value))).join('\t')}\n`);
}

function tuple(row: readonly WrittenValue[]): Buffer {
    return Buffer.concat([int16(row.length), ...row.map(value)]);
}

function value(written: WrittenValue): Buffer {
    if (written === null || typeof written === 'symbol') {
        return letter(written === null ? 'n' : 'u');
    }
    const bytes = Buffer.from(written);
    return Buffer.concat([letter('t'), int32(bytes.length), bytes]);
}

function letter(one: string): Buffer {
    return Buffer.from(one, 'latin1');
}

function text(words: string): Buffer {
    return Buffer.from(`${words}\0`);
}

function int16(number: number): Buffer {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(number);
    return bytes;
}

function int32(number: number): Buffer {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number >>> 0);
    return bytes;
}

function int64(number: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(number);
    return bytes;
}
