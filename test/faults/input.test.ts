import { execFileSync } from 'node:child_process';
import { appendFileSync, createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { close, load, memorySource, migratedDatabase, tablesText } from '../support/bench-database.ts';
import { elt, ended, startElt, workFolder } from '../support/elt.ts';
import { propertyRuns } from '../support/properties.ts';

/** Bytes that are not what they should be: landed, put aside or refused with a place; counted, never a crash. */

const cwd = workFolder();

function insert(id: string, value = '"b"', type = 'text'): string {
    return `{"xid":1,"change":[{"kind":"insert","schema":"public","table":"t","columnnames":["id","x"],"columntypes":["text","${type}"],"columnvalues":["${id}",${value}]}]}`;
}

const FORMAT2 = ['a', 'é', 'c'].map(
    (id) =>
        `{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"text","value":"${id}"},{"name":"n","type":"bigint","value":9007199254740993}]}`,
);

const SMALL = {
    'an array of transactions': `[${insert('a')},\n${insert('é', '"\\u00e9\\"]}]}"')}]\n`,
    'lines of transactions': `${insert('a')}\n${insert('é')}\n`,
    'lines of changes': `${FORMAT2.join('\n')}\n`,
    'a list of batches': `[[${insert('a')}],[],[${insert('é')}]]`,
} as const;

interface Outcome {
    readonly status: number;
    readonly seen: number;
    readonly accounted: number;
    readonly error: EltError | null;
}

/** Loads `bytes`; all that was read must be landed, put aside or known, in the ledger and in the tables. */
async function outcome(database: Database, bytes: Buffer | string, path = 'p'): Promise<Outcome> {
    let error: EltError | null = null;
    try {
        await load(database, memorySource(bytes, { path }));
    } catch (thrown) {
        if (!(thrown instanceof EltError)) {
            throw thrown;
        }
        error = thrown;
        expect(thrown.facts.where).toContain(path);
        expect(thrown.facts.next).toBeTruthy();
        expect(thrown.facts.state).toBeTruthy();
    }
    const sums = database
        .prepare(
            `select coalesce(sum(records), 0) as seen, coalesce(sum(changes), 0) as changes,
                coalesce(sum(rejected), 0) as rejected, coalesce(sum(repeated + messages), 0) as others
            from elt_loads`,
        )
        .get() as { seen: number; changes: number; rejected: number; others: number };
    const staged = database.prepare('select coalesce(sum(staged_rows), 0) from elt_load_tables').pluck().get();
    expect(staged).toBe(sums.changes);
    expect(database.prepare('select count(*) from elt_rejects').pluck().get()).toBe(sums.rejected);
    expect(database.prepare('select last_seq from elt_stream').pluck().get()).toBe(sums.changes);
    const { seen, changes, rejected, others } = sums;
    return {
        status: error?.exitStatus ?? (rejected > 0 ? 4 : 0),
        seen,
        accounted: changes + rejected + others,
        error,
    };
}

async function withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await migratedDatabase('none');
    try {
        return await work(database);
    } finally {
        close(database);
    }
}

describe.each(Object.entries(SMALL))('%s', (_, text) => {
    const whole = Buffer.from(text);

    test('cut short at every byte ends with 0, 3 or 4, and the whole one resumes to the same rows', async () => {
        const wanted = await withDatabase(async (database) => {
            expect((await outcome(database, whole)).status).toBe(0);
            return tablesText(database, ['stg_'], ['_load']);
        });
        for (let length = 0; length < whole.length; length++) {
            await withDatabase(async (database) => {
                const cut = await outcome(database, whole.subarray(0, length));
                expect([0, 3, 4], `cut at ${length}`).toContain(cut.status);
                expect(cut.accounted, `cut at ${length}`).toBe(cut.seen);
                const rejected = cut.status === 4;
                const resumed = await outcome(database, whole);
                expect(resumed.status, `cut at ${length}`).toBe(rejected ? 4 : 0);
                expect(tablesText(database, ['stg_'], ['_load']), `cut at ${length}`).toEqual(wanted);
            });
        }
    });

    const byte = fc.nat(255);
    const mutations = fc.array(fc.tuple(fc.nat(whole.length - 1), byte), { minLength: 1, maxLength: 3 });
    test('with one to three bytes changed is accounted for', async () => {
        await fc.assert(
            fc.asyncProperty(mutations, async (changes) => {
                const bytes = Buffer.from(whole);
                for (const [at, to] of changes) {
                    bytes[at] = to;
                }
                const { status, seen, accounted } = await withDatabase((database) => outcome(database, bytes));
                expect([0, 3, 4]).toContain(status);
                // A record may hold more changes than one, never fewer than it was counted for.
                expect(accounted).toBeGreaterThanOrEqual(seen);
            }),
            propertyRuns(150),
        );
    });
});

test('random bytes end with 0, 3 or 4', async () => {
    const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc
            .array(fc.constantFrom(...'{}[]":,\\ \n', '"change"', '"action":"I"', '1e9', 'null', 'é', '\0'))
            .map((parts) => Buffer.from(parts.join(''))),
    );
    await fc.assert(
        fc.asyncProperty(bytes, async (random) => {
            const result = await withDatabase((database) => outcome(database, Buffer.from(random)));
            expect([0, 3, 4]).toContain(result.status);
        }),
        propertyRuns(300),
    );
});

describe('a record', () => {
    const deep = (open: string, close: string): string => `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    test.each([
        ['of an unknown kind', insert('a').replace('"insert"', '"upsert"'), 'unknown-kind'],
        ['without its kind', insert('a').replace('"kind":"insert",', ''), 'missing-field'],
        ['without its table', insert('a').replace('"table":"t",', ''), 'missing-field'],
        ['without its values', insert('a').replace(',"columnvalues":["a","b"]', ''), 'missing-field'],
        ['with a value too many', insert('a', '"b","c"'), 'column-count'],
        ['with a column named twice', insert('a').replace('"id","x"', '"id","id"'), 'duplicate-column'],
        ['with 1e400 as a double', insert('a', '1e400', 'double precision'), 'value-does-not-fit'],
        ['with 1e400 as a bigint', insert('a', '1e400', 'bigint'), 'value-does-not-fit'],
        ['with half a surrogate pair', insert('a', '"\\ud800"'), 'lone-surrogate'],
        ['with a control character', insert('a', '"\u0000"'), 'not-json'],
        ['with a value 100,000 deep', insert('a', deep('[', ']')), 'nested-too-deep'],
        [
            'with a member 100,000 deep',
            insert('a').replace('"xid":1', `"xid":${deep('{"a":', '}')}`),
            'nested-too-deep',
        ],
        ['of another program', '{"level":"info"}', 'unknown-record'],
        ['that is rubbish', 'not a record', 'not-a-record'],
    ])('%s is put aside between two that land', async (_, record, reason) => {
        await withDatabase(async (database) => {
            const result = await outcome(database, `${insert('first')}\n${record}\n${insert('last')}\n`);
            expect([result.status, result.seen, result.accounted]).toEqual([4, 3, 3]);
            expect(database.prepare('select id from stg_t order by _seq').pluck().all()).toEqual(['first', 'last']);
            const reject = database.prepare('select reason, first_byte, bytes, detail from elt_rejects').get() as {
                reason: string;
                first_byte: number;
                bytes: Buffer;
                detail: string;
            };
            expect(reject.reason).toBe(reason);
            expect(reject.first_byte).toBeGreaterThan(insert('first').length);
            expect(record).toContain(reject.bytes.toString().slice(0, 50));
            expect(reject.detail).not.toBe('');
            expect(reject.detail).not.toContain('hold null');
        });
    });

    test('keeps 1e400 in a numeric, a NUL in a text, and SQL in a name, as they are', async () => {
        const name = 't"; drop table elt_loads; --';
        const records = [
            insert('a', '1e400', 'numeric'),
            insert('b', '"x\\u0000y"').replace('"t"', '"nul"'),
            insert('c').replace('"t"', JSON.stringify(name)),
        ];
        await withDatabase(async (database) => {
            expect((await outcome(database, records.join('\n'))).status).toBe(0);
            expect(database.prepare('select x from stg_t').pluck().get()).toBe('1e400');
            expect(database.prepare('select x from stg_nul').pluck().get()).toBe('x\0y');
            const tables = database.prepare('select table_name from elt_relations').pluck().all();
            expect(tables).toContain(name);
        });
    });
});

describe('a file', () => {
    const text = `${insert('a')}\n${insert('é')}\n`;
    const zipped = gzipSync(Buffer.from(text));
    const refused: readonly (readonly [string, Buffer, RegExp])[] = [
        ['UTF-16 with its mark', Buffer.from(`\ufeff${text}`, 'utf16le'), /SOURCE_NOT_UTF8/],
        ['bytes that are not UTF-8', Buffer.from(text, 'latin1'), /SOURCE_NOT_UTF8[\s\S]*byte \d+/],
        ['gzip that ends early', zipped.subarray(0, zipped.length - 12), /SOURCE_COMPRESSION/],
        ['gzip with a damaged middle', damaged(zipped), /SOURCE_COMPRESSION|SOURCE_NOT_UTF8|SOURCE_TRUNCATED/],
        ['gzip with rubbish behind', Buffer.concat([zipped, Buffer.from('rubbish')]), /SOURCE_COMPRESSION/],
        ['nothing that is a record', Buffer.from('Dear reader\n'), /SOURCE_NOT_JSON/],
        ['arrays 100,000 deep', Buffer.from('['.repeat(100_000)), /SOURCE_NOT_JSON/],
    ];
    test.concurrent.each(refused)('of %s is refused with its place', async (what, bytes, code) => {
        const file = join(cwd, `${what}.json`);
        writeFileSync(file, bytes);
        const ran = await elt(['--db', `${file}.db`, 'run', file], { cwd });
        expect([ran.status, ran.signal], ran.stderr).toEqual([3, null]);
        expect(ran.stderr).toMatch(code);
        expect(ran.stderr).toContain(`where:  ${file}`);
        expect(ran.stderr).toMatch(/^ {2}state: /m);
        expect(ran.stderr).toMatch(/^ {2}next: /m);
    });

    test('with a byte order mark lands', async () => {
        await withDatabase(async (database) => {
            expect((await outcome(database, `\ufeff${text}`)).accounted).toBe(2);
        });
    });

    test('that is a pipe lands', async () => {
        const pipe = join(cwd, 'pipe');
        execFileSync('mkfifo', [pipe]);
        const child = startElt(['--db', join(cwd, 'pipe.db'), 'run', pipe], { cwd });
        createWriteStream(pipe).end(text);
        const ran = await ended(child);
        expect(ran.status, ran.stderr).toBe(0);
        expect(ran.stdout).toContain('2 changes');
    });

    test('that grows while it is read ends whole, and the next load brings the rest', async () => {
        const file = join(cwd, 'grows.json');
        const db = join(cwd, 'grows.db');
        expect((await elt(['--db', db, 'migrate'], { cwd })).status).toBe(0);
        let written = 0;
        const grow = (records: number): void => {
            const lines = Array.from({ length: records }, () => `${insert(String(written++))}\n`);
            appendFileSync(file, lines.join(''));
        };
        grow(30_000);
        const child = startElt(['--db', db, 'load', file], { cwd });
        const timer = setInterval(() => grow(500), 5);
        const ran = await ended(child);
        clearInterval(timer);
        // What was written last may have been read in part.
        expect([0, 3], ran.stderr).toContain(ran.status);
        grow(1);
        expect((await elt(['--db', db, 'load', file], { cwd })).status).toBe(0);
        const { openDatabase } = await import('../../src/sqlite/database.ts');
        const database = openDatabase(db, { readonly: true });
        const ids = database.prepare('select count(*), count(distinct id), max(cast(id as integer)) from stg_t').raw();
        expect(ids.get()).toEqual([written, written, written - 1]);
        close(database);
    });

    test('of very many empty transactions is counted, in bounded memory', async () => {
        const many = 200_000;
        const file = join(cwd, 'empty.json');
        writeFileSync(file, '{"xid":1,"change":[]}\n'.repeat(many));
        const db = join(cwd, 'empty.db');
        expect((await elt(['--db', db, 'migrate'], { cwd })).status).toBe(0);
        const ran = await elt(['--db', db, 'load', file, '--json'], {
            cwd,
            env: { NODE_OPTIONS: '--max-old-space-size=32' },
        });
        expect([ran.status, ran.signal], ran.stderr).toEqual([0, null]);
        const { loads } = JSON.parse(ran.stdout) as { loads: readonly { records: number; changes: number }[] };
        expect(loads.map(({ records, changes }) => [records, changes])).toEqual([[many, 0]]);
    });
});

function damaged(zipped: Buffer): Buffer {
    const copy = Buffer.from(zipped);
    copy.fill(0xff, 40, 60);
    return copy;
}
