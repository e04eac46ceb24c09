import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/definitions.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';

const cwd = workFolder();
const at = (name: string): string => join(cwd, name);
let sample = '';

beforeAll(async () => {
    sample = (await elt(['sample', 'payments', '--records', '60'])).stdout;
    writeFileSync(at('wal.json'), sample);
    expect((await elt(['run', 'wal.json'], { cwd })).status).toBe(0);
});

describe('--json', () => {
    const words: readonly (readonly string[])[] = [
        ['migrate'],
        ['migrate', 'status'],
        ['load', 'wal.json'],
        ['run', 'wal.json'],
        ['transform'],
        ['transform', '--dry-run'],
        ['status'],
        ['show', 'metrics'],
        ['test'],
        ['verify'],
        ['rebuild'],
        ['rejects'],
        ['rejects', 'list'],
        ['rejects', 'retry'],
        ['drift'],
        ['drift', 'list'],
        ['scaffold', '--all', '--dry-run'],
        ['check'],
        ['prune', '--dry-run'],
        ['backup', 'copy.db'],
        ['export', 'metrics', '--format', 'csv', '--out', 'exported'],
        ['docs', '--out', 'models.html'],
        ['push', 'status'],
        ['push', 'rejects'],
        ['init', 'shop', '--project', join(cwd, 'own')],
        ['migrate', 'down'],
        ['migrate', 'up'],
        ['transform'],
    ];
    test('each command writes one JSON value to standard output and nothing else', async () => {
        for (const one of words) {
            const ran = await elt([...one, '--json'], { cwd });
            expect([one.join(' '), ran.status, ran.stderr]).toEqual([one.join(' '), 0, '']);
            expect([one.join(' '), typeof JSON.parse(ran.stdout)]).toEqual([one.join(' '), 'object']);
        }
    });

    test('no command is left out', () => {
        // `sample` writes a stream, `rejects show` needs a reject: both are run below. `query` needs a question, which
        // this pipeline has not: test/card_spend and its neighbours ask theirs. `serve` ends on a signal: test/serve.
        // Those about a server that is followed need one: test/follow; a push needs a target: test/push; a lake a folder:
        // test/lake; `print` an engine: test/scale. `dev` does not end: dev.test.ts.
        const others = [
            'sample',
            'completion',
            'query',
            'serve',
            'rejects show',
            'migrate status',
            'rejects list',
            'drift list',
            'push forget',
            'dev',
            'print',
        ];
        const live = COMMANDS.map(({ name }) => name).filter((name) => /^(follow|source|lake)\b/.test(name));
        const run = new Set(words.map((one) => one.filter((word) => /^[a-z]+$/.test(word)).join(' ')));
        const left = COMMANDS.map(({ name }) => name).filter((name) => ![...others, ...live].includes(name));
        expect(left.filter((name) => ![...run].some((one) => one.startsWith(name)))).toEqual([]);
    });

    test('an error is JSON too, and its six lines go to standard error', async () => {
        const ran = await elt(['show', 'metrixs', '--json'], { cwd });
        expect(ran.status).toBe(2);
        expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'MODEL_UNKNOWN', found: expect.any(String) } });
        expect(ran.stderr).toContain('error MODEL_UNKNOWN');
    });
});

describe('exit statuses', () => {
    const good = (): string => sample;
    const cases: readonly {
        readonly status: number;
        readonly code: string | null;
        readonly what: string;
        readonly words: () => readonly string[];
        readonly input?: () => string | Buffer;
    }[] = [
        { status: 0, code: null, what: 'help', words: () => ['--help'] },
        { status: 0, code: null, what: 'the version', words: () => ['--version'] },
        { status: 2, code: 'COMMAND_WRONG', what: 'an unknown command', words: () => ['lode'] },
        { status: 2, code: 'COMMAND_WRONG', what: 'an unknown option', words: () => ['status', '--fast'] },
        { status: 2, code: 'COMMAND_WRONG', what: 'no source', words: () => ['load'] },
        {
            status: 2,
            code: 'COMMAND_WRONG',
            what: 'a wrong duration',
            words: () => ['run', 'wal.json', '--every', '1y'],
        },
        { status: 2, code: 'COMMAND_WRONG', what: 'a wrong pipeline', words: () => ['--pipeline', '../x', 'status'] },
        { status: 2, code: 'SOURCE_NOT_FOUND', what: 'a wrong file', words: () => ['load', 'wall.json'] },
        { status: 2, code: 'MODEL_UNKNOWN', what: 'a wrong model', words: () => ['transform', '--select', 'metric'] },
        {
            status: 3,
            code: 'SOURCE_TRUNCATED',
            what: 'an array that ends early',
            words: () => ['load', '-'],
            input: () => good().slice(0, good().length / 2),
        },
        {
            status: 3,
            code: 'SOURCE_NOT_UTF8',
            what: 'bytes that are no UTF-8',
            words: () => ['load', '-'],
            input: () => Buffer.from([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]),
        },
        {
            status: 3,
            code: 'SOURCE_COMPRESSION',
            what: 'a cut gzip stream',
            words: () => ['load', '-'],
            input: () => gzipSync(good()).subarray(0, 3000),
        },
        {
            status: 3,
            code: 'RECORD_REJECTED',
            what: 'a bad record under --strict',
            words: () => ['load', '--strict', '-'],
            input: () => '{"change":[{"kind":"insert","schema":"s"}]}',
        },
        {
            status: 4,
            code: 'RECORDS_REJECTED',
            what: 'a bad record',
            words: () => ['load', '-'],
            input: () => '{"change":[{"kind":"insert","schema":"s","table":"t"}]}\n',
        },
        { status: 7, code: 'DATABASE_MISSING', what: 'no database', words: () => ['status', '--db', 'no.db'] },
        { status: 7, code: 'DATABASE_REFUSED', what: 'a folder as database', words: () => ['migrate', '--db', '.'] },
        {
            status: 7,
            code: 'DATABASE_DAMAGED',
            what: 'no database at all',
            words: () => ['status', '--db', 'wal.json'],
        },
        {
            status: 7,
            code: 'DATABASE_NOT_MIGRATED',
            what: 'an empty file',
            words: () => ['load', 'wal.json', '--db', 'empty.db'],
        },
    ];
    test.each(cases)('$status, $code: $what', async ({ status, code, words, input }) => {
        writeFileSync(at('empty.db'), '');
        const ran = await elt(words(), { cwd, ...(input === undefined ? {} : { input: input() }) });
        expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining(code ?? '')]);
        expect(ran.stderr).not.toContain('BUG');
    });

    test('7 if another process holds the write lock, after five seconds', async () => {
        const database = openDatabase(at('payments.db'));
        try {
            database.exec('begin immediate');
            const ran = await elt(['load', '-'], { cwd, input: '[]' });
            expect([ran.status, ran.stderr.split(':')[0]]).toEqual([7, 'error DATABASE_LOCKED']);
        } finally {
            closeDatabase(database);
        }
    });

    test.skipIf(process.getuid?.() === 0)('7 where the file cannot be written', async () => {
        expect((await elt(['migrate', '--db', 'readonly.db'], { cwd })).status).toBe(0);
        chmodSync(at('readonly.db'), 0o444);
        const ran = await elt(['load', 'wal.json', '--db', 'readonly.db'], { cwd });
        expect([ran.status, ran.stderr.split(':')[0]]).toEqual([7, 'error DATABASE_REFUSED']);
    });
});

describe('the order of words', () => {
    test.each([
        [['--db', 'payments.db', 'show', 'metrics', '--limit', '1']],
        [['show', '--db', 'payments.db', 'metrics', '--limit', '1']],
        [['show', 'metrics', '--limit', '1', '--db', 'payments.db']],
        [['show', 'metrics', '--limit=1', '--db=payments.db']],
        [['--pipeline', 'payments', '--json', 'show', '--limit', '1', 'metrics']],
    ])('options may be before and after the command: %j', async (words) => {
        const ran = await elt([...words, '--json'], { cwd });
        expect([ran.status, JSON.parse(ran.stdout).rows.length]).toEqual([0, 1]);
    });

    test('the environment replaces options that are not given', async () => {
        const env = { ELT_DB: at('payments.db'), ELT_PIPELINE: 'payments_v1' };
        const elsewhere = workFolder();
        const byOption = await elt(['show', 'metrics', '--pipeline', 'payments'], { cwd: elsewhere, env });
        expect(byOption.status).toBe(0);
        const wrong = await elt(['migrate'], { cwd: elsewhere, env });
        expect([wrong.status, wrong.stderr.split(':')[0]]).toEqual([6, 'error MIGRATION_MISSING']);
        const own = { ELT_PROJECT: PROJECT, ELT_DB: at('own.db') };
        expect((await elt(['migrate'], { cwd: elsewhere, env: own })).status).toBe(0);
    });

    test('every command has examples in its help, and each example is a command that exists', async () => {
        for (const { name, examples } of COMMANDS) {
            const ran = await elt([...name.split(' '), '--help']);
            expect([name, ran.status, ran.stdout.includes('Examples:')]).toEqual([name, 0, true]);
            expect(examples.length, name).toBeGreaterThan(0);
        }
    });
});

describe('standard error', () => {
    const bad = '{"change":[{"kind":"insert","schema":"s","table":"t","n":1}]}\n';

    test('--quiet omits notes, not errors', async () => {
        const noted = await elt(['load', '-'], { cwd, input: `${bad} ` });
        expect([noted.status, noted.stderr]).toEqual([4, expect.stringContaining('RECORDS_REJECTED')]);
        const quiet = await elt(['load', '-', '--quiet'], { cwd, input: `${bad}  ` });
        expect([quiet.status, quiet.stderr]).toEqual([4, '']);
        const error = await elt(['load', 'none', '--quiet'], { cwd });
        expect(error.stderr).toContain('SOURCE_NOT_FOUND');
        const shown = await elt(['rejects', 'show', '1', '--json'], { cwd });
        expect([shown.status, Object.keys(JSON.parse(shown.stdout))]).toEqual([0, ['schemaVersion', 'reject']]);
    });

    test('there are no escape sequences in a pipe or with NO_COLOR', async () => {
        for (const env of [{}, { NO_COLOR: '1' }, { FORCE_COLOR: '1', NO_COLOR: '1' }]) {
            const ran = await elt(['status'], { cwd, env });
            expect(ran.stdout.includes('\u001b') || ran.stderr.includes('\u001b')).toBe(false);
        }
    });

    test('a closed pipe ends a command quietly', async () => {
        const { runProgram, NODE, CLI } = await import('../support/elt.ts');
        const line = `"${NODE}" "${CLI}" sample payments --records 20000 | head -c 100 > head.txt; echo "\${PIPESTATUS[0]}"`;
        const ran = await runProgram('bash', ['-c', line], { cwd });
        expect([ran.stdout, ran.stderr]).toEqual(['0\n', '']);
        expect(readFileSync(at('head.txt')).length).toBe(100);
    });
});
