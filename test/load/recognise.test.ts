import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { fileSource, standardInput } from '../../src/capture/source/file-source.ts';
import type { Source } from '../../src/capture/source/source.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { close, interruptAfter, load, migratedDatabase } from '../support/bench-database.ts';
import { workFolder } from '../support/elt.ts';

/** How a source is recognised: by its bytes, and where they differ by its path or its positions. */

const record = (id: number): string =>
    `{"change":[{"kind":"insert","schema":"public","table":"t","columnnames":["id"],"columntypes":["integer"],"columnvalues":[${id}]}]}\n`;
const lines = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, index) => record(from + index)).join('');

/** Longer than the head that the ledger hashes (64 KiB). */
const LONG = 1_000;

const folder = workFolder();
let database: Database;
beforeEach(async () => {
    database = await migratedDatabase('none');
    onTestFinished(() => close(database));
});

function file(name: string, text: string): Source {
    const path = join(folder, name);
    writeFileSync(path, text);
    return fileSource({ name, path, seekable: true, sizeBytes: Buffer.byteLength(text) });
}

const stdin = (text: string): Source => standardInput(Readable.from([Buffer.from(text)]));
const rows = (): number => {
    const exists = database.prepare("select 1 from sqlite_schema where name = 'stg_t'").get();
    return exists === undefined ? 0 : (database.prepare('select count(*) from stg_t').pluck().get() as number);
};

/** What the load says and how many rows are staged after it. */
async function loaded(source: Source, options = {}): Promise<string> {
    try {
        return `${(await load(database, source, options)).kind}, ${rows()} rows`;
    } catch (error) {
        return `${(error as { code: string }).code}, ${rows()} rows`;
    }
}

describe.each([
    ['shorter than a head', 10],
    ['longer than a head', LONG],
])('a source %s', (_, size) => {
    test('is new, then the same, whatever its name', async () => {
        expect(await loaded(file('one', lines(0, size)))).toBe(`new, ${size} rows`);
        expect(await loaded(file('one', lines(0, size)))).toBe(`same, ${size} rows`);
        expect(await loaded(file('two', lines(0, size)))).toBe(`same, ${size} rows`);
        expect(await loaded(stdin(lines(0, size)))).toBe(`same, ${size} rows`);
    });

    test('on standard input is the same as the file later', async () => {
        expect(await loaded(stdin(lines(0, size)))).toBe(`new, ${size} rows`);
        expect(await loaded(stdin(lines(0, size)))).toBe(`same, ${size} rows`);
        expect(await loaded(file('one', lines(0, size)))).toBe(`same, ${size} rows`);
    });

    test('has grown where its path is known: the added part alone lands', async () => {
        await loaded(file('log', lines(0, size)));
        expect(await loaded(file('log', lines(0, size + 5)))).toBe(`grown, ${size + 5} rows`);
        expect(await loaded(file('log', lines(0, size + 7)))).toBe(`grown, ${size + 7} rows`);
        expect(await loaded(file('log', lines(0, size + 7)))).toBe(`same, ${size + 7} rows`);
        // Of its earlier states too the bytes are known.
        expect(await loaded(file('old copy', lines(0, size)))).toBe(`same, ${size + 7} rows`);
    });

    test('under another path that only begins alike is new', async () => {
        await loaded(file('one', lines(0, size)));
        expect(await loaded(file('other', lines(0, size + 5)))).toBe(`new, ${2 * size + 5} rows`);
    });

    test('has changed where the known part differs: an error that asks for --as-new', async () => {
        await loaded(file('changing', lines(0, size)));
        for (const text of [lines(1, size + 1), record(77) + lines(1, size + 5), lines(0, size - 1)]) {
            expect(await loaded(file('changing', text))).toBe(`SOURCE_CHANGED, ${size} rows`);
        }
        expect(await loaded(file('changing', lines(1, size + 1)), { asNew: true })).toBe(`new, ${2 * size} rows`);
    });

    test('with --as-new lands again', async () => {
        await loaded(file('one', lines(0, size)));
        expect(await loaded(file('one', lines(0, size)), { asNew: true })).toBe(`new, ${2 * size} rows`);
    });

    test('that was interrupted resumes, whatever its name', async () => {
        const text = lines(0, size);
        expect(await loaded(stdin(text), { interrupt: interruptAfter(0) })).toBe(`INTERRUPTED, ${size} rows`);
        expect(await loaded(file('later', text))).toBe(`resumes, ${size} rows`);
        expect(await loaded(stdin(text))).toBe(`same, ${size} rows`);
    });

    test('that ended early resumes on the repaired file', async () => {
        const whole = `[${lines(0, size).trim().replaceAll('\n', ',')}]`;
        const cut = whole.slice(0, -40);
        expect(await loaded(file('cut.json', cut))).toBe(`SOURCE_TRUNCATED, ${size - 1} rows`);
        expect(await loaded(file('cut.json', cut))).toBe(`SOURCE_TRUNCATED, ${size - 1} rows`);
        expect(await loaded(file('cut.json', whole))).toBe(`resumes, ${size} rows`);
        expect(readFileSync(join(folder, 'cut.json'), 'utf8')).toBe(whole);
    });
});

test('an empty source is nothing, once and again, and grows', async () => {
    expect(await loaded(file('empty', ''))).toBe('new, 0 rows');
    expect(await loaded(file('empty', ''))).toBe('same, 0 rows');
    expect(await loaded(stdin(''))).toBe('same, 0 rows');
    expect(await loaded(file('empty', lines(0, 3)))).toBe('grown, 3 rows');
});
