import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** Records that no table can hold: put aside at once, and nothing of them stays behind. */

/** Four minutes, when each name was compared with all before it. */
const AT_ONCE_MS = 15_000;

const names = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => `c${from + at}`);
const insert = (columns: readonly string[]): string =>
    JSON.stringify({
        action: 'I',
        schema: 'public',
        table: 't',
        columns: columns.map((name) => ({ name, type: 'integer', value: 1 })),
    });
const format1 = (columns: readonly string[]): string =>
    JSON.stringify({
        change: [
            {
                kind: 'insert',
                schema: 'public',
                table: 't',
                columnnames: columns,
                columntypes: columns.map(() => 'integer'),
                columnvalues: columns.map(() => 1),
            },
        ],
    });
const rowOf = (columns: readonly string[]): string =>
    JSON.stringify(Object.fromEntries(columns.map((name) => [name, 1])));

interface Landed {
    readonly status: number | null;
    readonly columns: unknown;
    readonly rows: unknown;
    readonly rejects: unknown;
    readonly milliseconds: number;
}

async function land(name: string, content: string | Buffer, ...options: string[]): Promise<Landed> {
    const cwd = workFolder();
    writeFileSync(join(cwd, name), content);
    await elt(['--db', 'x.db', 'migrate'], { cwd });
    const started = performance.now();
    const ran = await elt(['--db', 'x.db', 'load', ...options, name], { cwd });
    const milliseconds = performance.now() - started;
    const database = new Sqlite(join(cwd, 'x.db'), { readonly: true });
    try {
        return {
            status: ran.status,
            columns: database.prepare('select count(*) from elt_columns').pluck().get(),
            rows: database.prepare('select coalesce(sum(staged_rows), 0) from elt_load_tables').pluck().get(),
            rejects: database.prepare('select reason from elt_rejects order by reject_id').pluck().all(),
            milliseconds,
        };
    } finally {
        database.close();
    }
}

describe('more columns than SQLite has', () => {
    const narrow = names(0, 3);
    const wide = names(0, 30_000);
    test.each<[string, string, string, string[]]>([
        ['format 2', 'in.jsonl', `${insert(narrow)}\n${insert(wide)}\n${insert(narrow)}\n`, []],
        ['format 1', 'in.jsonl', `${format1(narrow)}\n${format1(wide)}\n${format1(narrow)}\n`, []],
        ['rows of JSON', 'in.jsonl', `${rowOf(narrow)}\n${rowOf(wide)}\n${rowOf(narrow)}\n`, ['--table', 't']],
    ])('%s: a record of 30,000 is put aside at once, the others land', async (_, name, content, options) => {
        const landed = await land(name, content, ...options);
        expect(landed).toMatchObject({ status: 4, columns: 3, rows: 2, rejects: ['too-many-columns'] });
        expect(landed.milliseconds).toBeLessThan(AT_ONCE_MS);
    });

    test('CSV: each row is put aside', async () => {
        const landed = await land('in.csv', `${wide.join(',')}\n${wide.join(',')}\n`, '--table', 't');
        expect(landed).toMatchObject({ status: 4, columns: 0, rows: 0, rejects: ['too-many-columns'] });
        expect(landed.milliseconds).toBeLessThan(AT_ONCE_MS);
    });

    test.each<[string, string[]]>([
        ['a stream', []],
        ['rows', ['--table', 't']],
    ])('%s: so are changes that would widen their table beyond that', async (_, options) => {
        const record = options.length === 0 ? insert : rowOf;
        const content = [names(0, 1_000), names(1_000, 992), names(1_992, 1), names(0, 1)].map(record).join('\n');
        const landed = await land('in.jsonl', `${content}\n`, ...options);
        expect(landed).toMatchObject({ status: 4, columns: 1_992, rows: 3, rejects: ['too-many-columns'] });
    });
});

describe('a limit on the length of a record', () => {
    const long = (length: number): string => `{"id":2,"text":"${'x'.repeat(length)}"}`;
    const csv = (length: number): string => `2,"${'x'.repeat(length)}"`;
    test.each<[string, string, string, string]>([
        ['rows of JSON', 'in.jsonl', `{"id":1}\n${long(70_000)}\n{"id":3}\n`, 'record-too-large'],
        ['an array', 'in.json', `[{"id":1},${long(70_000)},{"id":3}]`, 'record-too-large'],
        ['CSV', 'in.csv', `id,text\n1,x\n${csv(700_000)}\n3,x\n`, 'record-too-large'],
    ])('%s: --record-max 64KiB', async (_, name, content, reason) => {
        const options = ['--table', 't', '--record-max', '64KiB'];
        expect(await land(name, content, ...options)).toMatchObject({ status: 4, rows: 2, rejects: [reason] });
        expect(await land(name, content, '--table', 't')).toMatchObject({ status: 0, rows: 3, rejects: [] });
    });

    test('a change, packed so small that its length cannot be seen', async () => {
        const change = insert(['id'])
            .replace('"value":1', `"value":"${'x'.repeat(300_000)}"`)
            .replace('integer', 'text');
        const packed = gzipSync(`${change}\n${insert(['id'])}\n`);
        expect(packed.length).toBeLessThan(2_000);
        expect(await land('in.jsonl.gz', packed, '--record-max', '256KiB')).toMatchObject({
            status: 4,
            rows: 1,
            rejects: ['record-too-large'],
        });
    });

    test.each(['64', '0MiB', '1.5MiB', '-1KiB', '257MiB', '1TiB', 'all'])(
        'a size that is none is refused: %s',
        async (size) => {
            const ran = await elt(['--db', 'x.db', 'load', `--record-max=${size}`, 'x'], { cwd: workFolder() });
            expectError(ran, { status: 2, code: 'COMMAND_WRONG', says: `"${size}"`, has: ['found', 'state', 'next'] });
        },
    );
});
