import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';

/** A receiver's file is rotated at any byte: one ends inside a transaction, and the next one continues it. */

const lines = (xid: number, ...ids: readonly number[]): string[] => {
    const place = { xid, lsn: `0/${xid.toString(16)}00`, nextlsn: `0/${xid.toString(16)}80` };
    return [
        { action: 'B', ...place },
        ...ids.map((id) => ({
            action: 'I',
            xid,
            schema: 'public',
            table: 't',
            columns: [{ name: 'id', type: 'integer', value: id }],
            pk: [{ name: 'id', type: 'integer' }],
        })),
        { action: 'C', ...place },
    ].map((record) => `${JSON.stringify(record)}\n`);
};

const STREAM = [...lines(700, 1, 2), ...lines(701, 3, 4, 5), ...lines(702, 6)];

describe('two files that meet inside a transaction', () => {
    // After its begin, within its changes, before its commit.
    test.each([5, 6, 7, 8])('after line %i are read once: later runs find nothing new in either', async (at) => {
        const cwd = workFolder();
        mkdirSync(join(cwd, 'capture'));
        mkdirSync(join(cwd, 'sql', 'p'), { recursive: true });
        mkdirSync(join(cwd, 'migrations'));
        const file = (name: string): string => join(cwd, 'capture', name);
        const run = async (): Promise<readonly string[]> => {
            const ran = await elt(['--pipeline', 'p', 'run', 'capture', '--json'], { cwd });
            expect(ran.status, ran.stderr).toBe(0);
            return JSON.parse(ran.stdout).loads.map(
                (one: { source: string; kind: string; repeated: number }) => one.kind,
            );
        };
        writeFileSync(file('1.jsonl'), STREAM.slice(0, at).join(''));
        expect(await run()).toEqual(['new']);
        writeFileSync(file('2.jsonl'), STREAM.slice(at).join(''));
        expect(await run()).toEqual(['same', 'new']);
        expect(await run()).toEqual(['same', 'same']);
        writeFileSync(file('2.jsonl'), readFileSync(file('2.jsonl'), 'utf8') + lines(703, 7).join(''));
        expect(await run()).toEqual(['same', 'grown']);
        expect(await run()).toEqual(['same', 'same']);
        const database = new Database(join(cwd, 'p.db'), { readonly: true });
        expect(database.prepare('select id from stg_t order by _seq').pluck().all()).toEqual([1, 2, 3, 4, 5, 6, 7]);
        expect(database.prepare('select count(*) from elt_loads').pluck().get()).toBe(3);
        database.close();
    });
});
