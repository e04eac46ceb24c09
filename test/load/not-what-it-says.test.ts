import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { elt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** A source that is another one than its name says, or holds bytes that are no text: never "0 changes", status 0. */

async function load(name: string, content: string | Buffer, ...options: string[]) {
    const cwd = workFolder();
    writeFileSync(join(cwd, name), content);
    await elt(['--db', 'x.db', 'migrate'], { cwd });
    const ran = await elt(['--db', 'x.db', 'load', ...options, name], { cwd });
    const query = (sql: string): unknown[] => {
        const database = new Sqlite(join(cwd, 'x.db'), { readonly: true });
        try {
            return database.prepare(sql).raw().all();
        } finally {
            database.close();
        }
    };
    return { ran, query, cwd };
}

describe('CSV', () => {
    test.each([
        ['carriage returns', 'a,b\r1,x\r2,"y\nz"\r'],
        ['carriage returns, the last line without one', 'a,b\r1,x\r2,"y\nz"'],
        ['a name with a line break in it, and carriage returns', '"a",b\r1,x\r2,"y\nz"\r'],
        ['carriage returns after blank lines', '\r\ra,b\r1,x\r\r2,"y\nz"\r'],
        ['both', 'a,b\r\n1,x\r\n2,"y\nz"\r\n'],
    ])('lines may end in %s', async (_, text) => {
        const { ran, query } = await load('t.csv', text, '--table', 't');
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(query('select a, b from stg_t order by _seq')).toEqual([
            ['1', 'x'],
            ['2', 'y\nz'],
        ]);
    });

    test.each([
        ['a web page on one line', '<!DOCTYPE html><html><body>Not found</body></html>', 'a web page'],
        ['a web page', '\ufeff\n<html>\n<head>\n</head>\n</html>\n', 'a web page'],
        ['an answer in XML', '<?xml version="1.0"?>\n<error/>\n', 'a web page'],
        ['a document', '%PDF-1.7\n1 0 obj\n', 'a PDF document'],
        ['a file with zero bytes', 'abcd,\0\0\n1,2\n', 'zero bytes'],
    ])('%s is refused', async (_, text, found) => {
        const { ran, query } = await load('t.csv', text, '--table', 't');
        expectError(ran, { status: 3, code: 'SOURCE_NOT_CSV', says: found, has: ['where', 'found', 'state', 'next'] });
        expect(query('select staging_table from elt_relations')).toEqual([]);
    });

    test('names in angle brackets are names', async () => {
        const { ran, query } = await load('t.csv', '<TICKER>,<PER>\nx,1\n', '--table', 't');
        expect(ran.status).toBe(0);
        expect(query('select "<TICKER>" from stg_t')).toEqual([['x']]);
    });

    test('a header alone is said to be all', async () => {
        const { ran, cwd } = await load('t.csv', 'a,b\n', '--table', 't');
        expect([ran.status, ran.stderr]).toEqual([0, 'note: t.csv holds a header and no rows\n']);
        writeFileSync(join(cwd, 't.csv'), 'a,b\n1,2\n');
        expect((await elt(['--db', 'x.db', 'load', '--table', 't', 't.csv'], { cwd })).stderr).toBe('');
    });

    test('a header without end is refused, and not held', async () => {
        const { ran } = await load('t.csv', 'x'.repeat(200_000), '--table', 't', '--record-max', '64KiB');
        expectError(ran, { status: 3, code: 'SOURCE_HEADER', says: 'no line break', has: ['where', 'found', 'next'] });
    });
});

test.each([
    ['zip', [0x50, 0x4b, 0x03, 0x04, 0x14, 0, 0, 0, 8, 0], 'unzip -p'],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4], 'xz -dc'],
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59], 'bzip2 -dc'],
])('a file packed with %s is refused with the command that unpacks it', async (_, bytes, command) => {
    for (const [name, options, load_] of [
        ['t.csv', ['--table', 't'], 'elt load --table t -'],
        ['wal.json', [], 'elt load -'],
    ] as const) {
        const { ran } = await load(name, Buffer.from(bytes), ...options);
        const next = `next:   run: ${command} ${name} | ${load_}\n`;
        expectError(ran, { status: 3, code: 'SOURCE_COMPRESSION', says: next, has: ['where', 'found', 'next'] });
    }
});

test('rows in UTF-16 land by the command that the error names, also where their table is declared', async () => {
    const cwd = workFolder();
    mkdirSync(join(cwd, 'sql/shop/sources'), { recursive: true });
    writeFileSync(
        join(cwd, 'sql/shop/sources/orders.sql'),
        '-- files: orders*.csv\n-- format: csv\ncreate table orders (id integer not null, note text);\n',
    );
    writeFileSync(join(cwd, 'orders1.csv'), Buffer.from('\ufeffid,note\n1,ä\n', 'utf16le'));
    await elt(['--pipeline', 'shop', 'migrate'], { cwd });
    const ran = await elt(['--pipeline', 'shop', 'load', 'orders1.csv'], { cwd });
    const command = /next: {3}run: iconv -f UTF-16 -t UTF-8 orders1.csv \| elt load (.*)\n/.exec(ran.stderr)?.[1];
    expect([ran.status, command]).toEqual([3, '--table orders -']);
    const input = 'id,note\n1,ä\n';
    const again = await elt(['--pipeline', 'shop', 'load', ...(command ?? '').split(' ')], { cwd, input });
    expect([again.status, again.stderr]).toEqual([0, '']);
});

describe('a logical message that is not UTF-8', () => {
    const insert = (id: number): string =>
        `{"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":${id}}]}\n`;
    const message = (content: Buffer, prefix = Buffer.from('blob')): Buffer =>
        Buffer.concat([
            Buffer.from('{"action":"M","xid":7,"transactional":false,"prefix":"'),
            prefix,
            Buffer.from('","content":"'),
            content,
            Buffer.from('"}\n'),
        ]);
    const BYTES = Buffer.from([0xff, 0x00 + 0x41, 0xc3, 0x28, 0xe2, 0x82]);

    test('costs nothing: it is kept as bytes, and the stream continues', async () => {
        const { ran, query } = await load(
            'wal.jsonl',
            Buffer.concat([Buffer.from(insert(1)), message(BYTES), message(Buffer.from('é')), Buffer.from(insert(2))]),
        );
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(ran.stdout).toContain('2 changes of 4 records, 2 messages');
        expect(query('select typeof(content), content, prefix, _xid from elt_messages order by _seq')).toEqual([
            ['blob', BYTES, 'blob', '7'],
            ['text', 'é', 'blob', '7'],
        ]);
        expect(query('select id from stg_t order by _seq')).toEqual([[1], [2]]);
    });

    test('in format 1, between changes of a transaction', async () => {
        const change = (id: number): string =>
            `{"kind":"insert","schema":"public","table":"t","columnnames":["id"],"columntypes":["integer"],"columnvalues":[${id}]}`;
        const { ran, query } = await load(
            'wal.jsonl',
            Buffer.concat([
                Buffer.from(
                    `{"xid":5,"change":[${change(1)},{"kind":"message","transactional":true,"prefix":"p","content":"\\"`,
                ),
                BYTES,
                Buffer.from(`\\n"},${change(2)}]}\n`),
            ]),
        );
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        expect(query('select content, _xid from elt_messages')).toEqual([
            [Buffer.concat([Buffer.from('"'), BYTES, Buffer.from('\n')]), '5'],
        ]);
        expect(query('select id from stg_t order by _seq')).toEqual([[1], [2]]);
    });

    test.each([
        ['whose prefix is not UTF-8 either', message(Buffer.from('x'), BYTES), 'not-utf8'],
        ['that holds escapes beyond bytes', message(Buffer.concat([BYTES, Buffer.from('\\u20ac')])), 'not-utf8'],
        ['that is no JSON', message(Buffer.concat([BYTES, Buffer.from('"')])), 'not-json'],
    ])('%s is put aside with its bytes', async (_, bytes, reason) => {
        const { ran, query } = await load(
            'wal.jsonl',
            Buffer.concat([Buffer.from(insert(1)), bytes, Buffer.from(insert(2))]),
        );
        expect(ran.status).toBe(4);
        expect(query('select reason, bytes from elt_rejects')).toEqual([[reason, bytes.subarray(0, -1)]]);
        expect(query('select id from stg_t order by _seq')).toEqual([[1], [2]]);
    });

    test('a value of a row is no message: there the stream cannot be read further', async () => {
        const bad = Buffer.from(insert(2).replace('"id"', '"i_d"'));
        bad[bad.indexOf('_')] = 0xff;
        const { ran, query } = await load('wal.jsonl', Buffer.concat([Buffer.from(insert(1)), message(BYTES), bad]));
        const at = insert(1).length + message(BYTES).length + bad.indexOf(0xff);
        expectError(ran, { status: 3, code: 'SOURCE_NOT_UTF8', says: `byte ${at}`, has: ['where', 'found', 'state'] });
        expect(query('select id from stg_t')).toEqual([[1]]);
        expect(query('select content from elt_messages')).toEqual([[BYTES]]);
    });
});
