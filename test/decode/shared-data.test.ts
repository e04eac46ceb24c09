import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { sharedData } from '../support/shared-data.ts';
import { decodeAll, reasonsOf } from './decode-all.ts';

interface Change {
    readonly kind: string;
    readonly columnvalues?: unknown[];
    readonly oldkeys?: { readonly keyvalues: unknown[] };
}

const comparable = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);

/** Every value of the file against a plain JSON.parse of the whole. */
function expectLikeJson(path: string, chunk: number): void {
    const bytes = readFileSync(path);
    const records = (JSON.parse(bytes.toString()) as unknown[]).flat() as { change: Change[] }[];
    const changes = records.flatMap((record) => record.change);
    const { decoded, error } = decodeAll(bytes, { chunk });
    expect(error).toBeNull();
    const rows = decoded.flatMap((one) => (one.kind === 'change' ? [one] : []));
    expect(rows.map(({ shape, values, old }) => [shape.op, values, old])).toEqual(
        changes.map(({ kind, columnvalues = [], oldkeys }) => [
            kind,
            columnvalues.map(comparable),
            (oldkeys?.keyvalues ?? []).map(comparable),
        ]),
    );
}

const wal = sharedData('wal.json');
const batches = sharedData('wal_batches.json');
const events = sharedData('events.jsonl');

describe('the shared data', () => {
    it.skipIf(wal === undefined)('wal.json', () => {
        expectLikeJson(wal as string, 1 << 20);
        expectLikeJson(wal as string, 10_007);
    });

    it.skipIf(batches === undefined)('wal_batches.json', () => {
        expectLikeJson(batches as string, 65_536);
        const { decoded } = decodeAll(readFileSync(batches as string));
        expect(decoded.filter((one) => one.kind === 'batch')).toHaveLength(60);
    });

    it.skipIf(events === undefined)('events.jsonl: every line is a record, torn ones too', () => {
        const bytes = readFileSync(events as string);
        const lines = bytes.toString().trimEnd().split('\n');
        const torn = lines.filter((line) => !isJson(line));
        const { decoded, error } = decodeAll(bytes, { chunk: 4099 });
        expect(error).toBeNull();
        expect(decoded.filter((one) => one.kind === 'recordEnd')).toHaveLength(lines.length);
        const reasons = reasonsOf(decoded);
        expect(reasons.filter((reason) => reason === 'not-json')).toHaveLength(torn.length);
        expect(reasons.filter((reason) => reason === 'unknown-record')).toHaveLength(lines.length - torn.length);
    });
});

function isJson(line: string): boolean {
    try {
        JSON.parse(line);
        return true;
    } catch {
        return false;
    }
}
