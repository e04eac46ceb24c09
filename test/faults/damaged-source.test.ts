import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { elt, workFolder } from '../support/elt.ts';

/**
 * Bad UTF-8 and a damaged gzip, near the beginning of a source and far behind it: what stands whole before the damage
 * lands, the error names the place, and the fixed source continues from there.
 */

const cwd = workFolder();
const insert = (id: number): string =>
    `{"change":[{"kind":"insert","schema":"public","table":"t","columnnames":["id","x"],"columntypes":["integer","text"],"columnvalues":[${id},"${(id * 7_919) % 1_000_003}é"]}]}\n`;

/** A source's text up to its nth record. */
const lines = (records: number): string => Array.from({ length: records }, (_, id) => insert(id)).join('');

interface Damage {
    readonly what: string;
    /** The bytes after the fix, and the records that are whole before the damage: at least, at most. */
    readonly make: (records: number) => { readonly bytes: Buffer; readonly place: string; readonly whole: number };
    readonly fixed: (records: number) => Buffer;
    /** How far before the damage records may be missing, as a part of all before it: what zlib forgets. */
    readonly slack: number;
}

const text = (records: number): Buffer => Buffer.from(lines(records));
const zipped = (records: number): Buffer => gzipSync(text(records));

const DAMAGES: readonly Damage[] = [
    {
        what: 'a byte that is not UTF-8',
        make: (records) => {
            const whole = Math.floor(records / 2);
            const at = Buffer.byteLength(lines(whole)) + 20;
            const bytes = text(records);
            bytes[at] = 0xff;
            return { bytes, place: `(byte ${at})`, whole };
        },
        fixed: text,
        slack: 0,
    },
    {
        what: 'a gzip that ends early',
        make: (records) => {
            const bytes = zipped(records);
            return { bytes: bytes.subarray(0, -12), place: `(compressed byte ${bytes.length - 12})`, whole: records };
        },
        fixed: zipped,
        slack: 0.05,
    },
    {
        what: 'a gzip with rubbish behind it',
        make: (records) => {
            const bytes = zipped(records);
            const rubbish = Buffer.concat([bytes, Buffer.from('rubbish')]);
            return { bytes: rubbish, place: `(compressed byte ${bytes.length})`, whole: records };
        },
        fixed: zipped,
        slack: 0,
    },
    {
        what: 'a gzip whose check does not fit',
        make: (records) => {
            const bytes = zipped(records);
            bytes[bytes.length - 8] = (bytes[bytes.length - 8] as number) ^ 1;
            return { bytes, place: `(compressed byte ${bytes.length - 8})`, whole: records };
        },
        fixed: zipped,
        slack: 0,
    },
    {
        what: 'gzip members, the second one broken',
        make: (records) => {
            const first = zipped(records);
            const bytes = Buffer.concat([first, Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff])]);
            return { bytes, place: '(compressed byte ', whole: records };
        },
        fixed: zipped,
        slack: 0,
    },
];

function stagedIds(file: string): unknown[] {
    const database = openDatabase(file, { readonly: true });
    try {
        return database.prepare('select id from stg_t order by _seq').pluck().all();
    } finally {
        closeDatabase(database);
    }
}

const WAYS = ['a file', 'standard input', 'standard input, where such a beginning is known'] as const;

describe.each(DAMAGES)('$what', ({ what, make, fixed, slack }) => {
    const cases = [40, 3_000].flatMap((records) => WAYS.map((way) => ({ records, way })));
    test.each(cases)('in $records records from $way', async ({ records, way }) => {
        const folder = join(cwd, `${what} ${records} ${way}`);
        mkdirSync(folder);
        const at = { cwd: folder };
        expect((await elt(['migrate'], at)).status).toBe(0);
        if (way === WAYS[2]) {
            // The same head: only its end can tell whether a source on standard input is the known one.
            writeFileSync(join(folder, 'known.json'), lines(10));
            expect((await elt(['load', 'known.json'], at)).status).toBe(0);
        }
        const { bytes, place, whole } = make(records);
        const give = async (given: Buffer, isJson: boolean) => {
            writeFileSync(join(folder, 'source'), given);
            const words = isJson ? ['--json'] : [];
            return way === 'a file'
                ? await elt(['load', 'source', ...words], at)
                : await elt(['load', '-', ...words], { ...at, input: given });
        };
        const ran = await give(bytes, false);
        expect([ran.status, ran.signal], ran.stderr).toEqual([3, null]);
        expect(ran.stderr).toMatch(/^error SOURCE_(NOT_UTF8|COMPRESSION): /);
        expect(ran.stderr).toContain(place);
        const landed = Number(/state: {2}([\d,]+) changes of this load/.exec(ran.stderr)?.[1]);
        expect(landed).toBeLessThanOrEqual(whole);
        expect(landed).toBeGreaterThanOrEqual(Math.floor(whole * (1 - slack)));

        const resumed = await give(fixed(records), true);
        expect([resumed.status, resumed.stderr]).toEqual([0, '']);
        const known = way === WAYS[2] ? 10 : 0;
        expect(stagedIds(join(folder, 'payments.db')).slice(known)).toEqual(
            Array.from({ length: records }, (_, id) => id),
        );
    });
});

test('nothing before the damage: nothing is recorded', async () => {
    expect((await elt(['--db', 'bad.db', 'migrate'], { cwd })).status).toBe(0);
    const ran = await elt(['--db', 'bad.db', 'load', '-'], { cwd, input: Buffer.from([0xff, 0xff]) });
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain('nothing of it was landed');
    const database = openDatabase(join(cwd, 'bad.db'), { readonly: true });
    expect(database.prepare('select count(*) from elt_loads').pluck().get()).toBe(0);
    closeDatabase(database);
});

test('a known file that is damaged now is reported as damaged, and lands nothing twice', async () => {
    const db = ['--db', 'known.db'];
    expect((await elt([...db, 'migrate'], { cwd })).status).toBe(0);
    writeFileSync(join(cwd, 'known.json'), text(40));
    expect((await elt([...db, 'load', 'known.json'], { cwd })).status).toBe(0);
    const damaged = text(40);
    damaged[2_000] = 0xff;
    writeFileSync(join(cwd, 'known.json'), damaged);
    const ran = await elt([...db, 'load', 'known.json'], { cwd });
    expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('SOURCE_NOT_UTF8')]);
    expect(ran.stderr).toContain('(byte 2000)');
    expect(stagedIds(join(cwd, 'known.db'))).toHaveLength(40);
});
