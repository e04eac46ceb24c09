import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { samplePayments } from '../../src/sample/payments/payments.ts';
import { PAYMENTS_TABLES } from '../../src/sample/payments/tables.ts';
import { propertyRuns } from '../support/properties.ts';

interface Column {
    readonly name: string;
    readonly type: string;
    readonly value: unknown;
}

interface Line {
    readonly action: 'B' | 'I' | 'U' | 'D' | 'C';
    readonly xid: number;
    readonly timestamp: string;
    readonly lsn: string;
    readonly nextlsn?: string;
    readonly schema?: string;
    readonly table: string;
    readonly columns: readonly Column[];
    readonly identity: readonly Column[];
    readonly pk: readonly Omit<Column, 'value'>[];
}

function textOf(records: number, seed: number): string {
    return [...samplePayments({ records, seed, mix: 'changes' })].join('');
}

function linesOf(text: string): readonly Line[] {
    return text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line);
}

function lsnOf(text: string): bigint {
    const [high, low] = text.split('/');
    return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/** What occurred in a replay. */
interface Tally {
    inserts: number;
    updates: number;
    absent: number;
    keyChanges: number;
    keyChangesWithAbsent: number;
    deletes: number;
    deletedThenInserted: number;
}

/** Replays the changes against tables in memory, and throws where PostgreSQL could not have made them. */
class Replay {
    readonly tally: Tally = {
        inserts: 0,
        updates: 0,
        absent: 0,
        keyChanges: 0,
        keyChangesWithAbsent: 0,
        deletes: 0,
        deletedThenInserted: 0,
    };
    readonly #tables = new Map(PAYMENTS_TABLES.map((table) => [table.name, new Map<unknown, Map<string, unknown>>()]));
    readonly #columns = new Map(PAYMENTS_TABLES.map((table) => [table.name, table.columns]));
    readonly #gone = new Set<unknown>();

    take(line: Line): void {
        const columns = this.#columns.get(line.table)!;
        const [keyName, keyType] = columns[0]!;
        expect(line.schema).toBe('public');
        expect(line.pk).toEqual([{ name: keyName, type: keyType }]);
        if (line.action === 'I') {
            expect(line.columns.map(({ name, type }) => [name, type])).toEqual(columns);
            this.#insert(line);
        } else {
            expect(line.identity.map(({ name, type }) => [name, type])).toEqual([[keyName, keyType]]);
            if (line.action === 'U') {
                this.#update(line);
            } else {
                this.#delete(line);
            }
        }
    }

    #insert(line: Line): void {
        const rows = this.#tables.get(line.table)!;
        const key = line.columns[0]!.value;
        expect(rows.has(key)).toBe(false);
        rows.set(key, new Map(line.columns.map(({ name, value }) => [name, value])));
        this.tally.inserts++;
        this.tally.deletedThenInserted += this.#gone.has(key) ? 1 : 0;
    }

    #update(line: Line): void {
        const rows = this.#tables.get(line.table)!;
        const oldKey = line.identity[0]!.value;
        const newKey = line.columns[0]!.value;
        const row = rows.get(oldKey);
        expect(row, `row ${String(oldKey)} exists`).toBeDefined();
        const given = new Map(line.columns.map(({ name, value }) => [name, value]));
        const absent = [...row!.keys()].filter((name) => !given.has(name));
        for (const name of absent) {
            // Only a value that lies out of line can be left out, and null never does.
            expect(String(row!.get(name)).length, name).toBeGreaterThan(250);
        }
        if (newKey !== oldKey) {
            expect(rows.has(newKey)).toBe(false);
            rows.delete(oldKey);
            rows.set(newKey, row!);
            this.tally.keyChanges++;
            this.tally.keyChangesWithAbsent += absent.length > 0 ? 1 : 0;
        }
        for (const [name, value] of given) {
            row!.set(name, value);
        }
        this.tally.updates++;
        this.tally.absent += absent.length > 0 ? 1 : 0;
    }

    #delete(line: Line): void {
        const rows = this.#tables.get(line.table)!;
        const key = line.identity[0]!.value;
        expect(line.columns).toBeUndefined();
        expect(rows.delete(key), `row ${String(key)} exists`).toBe(true);
        this.#gone.add(key);
        this.tally.deletes++;
    }
}

/** Checks frames and positions, replays the changes, and returns how often each kind occurred. */
function replay(lines: readonly Line[]): Tally {
    const history = new Replay();
    let open: Line | undefined;
    let commitBefore = 0n;
    let nextBefore = 0n;
    let rowBefore = 0n;
    const xids = new Set<number>();
    for (const line of lines) {
        if (line.action === 'B') {
            expect(open).toBeUndefined();
            expect(xids.has(line.xid)).toBe(false);
            expect(lsnOf(line.lsn)).toBeGreaterThanOrEqual(nextBefore);
            expect(lsnOf(line.lsn)).toBeGreaterThan(commitBefore);
            xids.add(line.xid);
            open = line;
            rowBefore = -1n;
            continue;
        }
        expect(open).toBeDefined();
        expect([line.xid, line.timestamp]).toEqual([open!.xid, open!.timestamp]);
        if (line.action === 'C') {
            expect([line.lsn, line.nextlsn]).toEqual([open!.lsn, open!.nextlsn]);
            commitBefore = lsnOf(line.lsn);
            nextBefore = lsnOf(line.nextlsn!);
            expect(nextBefore).toBeGreaterThan(commitBefore);
            open = undefined;
        } else {
            expect(lsnOf(line.lsn)).toBeGreaterThan(rowBefore);
            expect(lsnOf(line.lsn)).toBeLessThan(lsnOf(open!.lsn));
            rowBefore = lsnOf(line.lsn);
            history.take(line);
        }
    }
    expect(open).toBeUndefined();
    return history.tally;
}

describe('a history of changes', () => {
    test('has the bytes that it has always had', () => {
        expect(createHash('sha256').update(textOf(1000, 1)).digest('hex')).toBe(
            '448218778401306fab6e00666d398c683f7caf708a95c3bba1453739c465a1a8',
        );
    });

    test('is one that PostgreSQL could have made, whatever the seed and the length', () => {
        fc.assert(
            fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 400 }), (seed, records) => {
                const tally = replay(linesOf(textOf(records, seed)));
                expect(tally.inserts + tally.updates + tally.deletes).toBe(records);
            }),
            propertyRuns(40),
        );
    });

    test('a long one, past the window of rows that are still changed, holds every kind in its share', () => {
        const lines = linesOf(textOf(20_000, 7));
        const tally = replay(lines);
        const shares: Readonly<Record<keyof Tally, readonly [number, number]>> = {
            inserts: [11_000, 13_500],
            updates: [5_500, 7_500],
            absent: [1_000, 5_000],
            keyChanges: [400, 900],
            keyChangesWithAbsent: [80, 600],
            deletes: [1_200, 2_400],
            deletedThenInserted: [250, 1_000],
        };
        for (const [kind, [least, most]] of Object.entries(shares)) {
            expect(tally[kind as keyof Tally], kind).toBeGreaterThan(least);
            expect(tally[kind as keyof Tally], kind).toBeLessThan(most);
        }
        const rows = lines.filter((line) => !'BC'.includes(line.action));
        expect(new Set(rows.map((line) => `${line.table} ${line.action}`)).size).toBe(12);
        expect(new Set(rows.map((line) => line.lsn)).size).toBeLessThan(rows.length);
        // An empty transaction: its end follows its beginning.
        expect(lines.some((line, index) => line.action === 'C' && lines[index - 1]!.action === 'B')).toBe(true);
    });
});
