import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { elt, ended, PROJECT, type Ran, startElt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** A SQL file that loops: a time limit ends it, Ctrl-C does too, nothing is published, and the lock is free. */

const cwd = workFolder();
const PIPELINE = join(cwd, 'sql', 'payments');
const DB = join(cwd, 'payments.db');
const ENDLESS = 'with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n';
const LOOPING = `-- why: it has no end\ncreate table if not exists zz (x);\n\ninsert into zz\n${ENDLESS};\n`;

let before: unknown;

beforeAll(async () => {
    cpSync(join(PROJECT, 'sql', 'payments'), PIPELINE, { recursive: true });
    cpSync(join(PROJECT, 'migrations'), join(cwd, 'migrations'), { recursive: true });
    mkdirSync(join(PIPELINE, 'api'), { recursive: true });
    writeFileSync(join(cwd, 'wal.json'), (await elt(['sample', 'payments', '--records', '60'])).stdout);
    expect((await elt(['run', 'wal.json'], { cwd })).status).toBe(0);
    before = contents();
});

afterEach(async () => {
    for (const file of [...LOOPS.map((loop) => loop.file), 'sql/payments/pipeline.sql']) {
        rmSync(join(cwd, file), { force: true });
    }
    expect(contents()).toEqual(before);
    expect((await elt(['verify'], { cwd })).status).toBe(0);
});

/** What readers see, and that nobody holds the write lock. */
function contents(): unknown {
    const database = new Sqlite(DB, { timeout: 2_000 });
    try {
        database.exec('begin immediate; rollback');
        const models = database.prepare('select * from elt_watermarks order by model').all();
        return { models, metrics: database.prepare('select * from metrics order by event_id').all() };
    } finally {
        database.close();
    }
}

interface Loop {
    readonly what: string;
    readonly file: string;
    readonly text: string;
    readonly line: number;
    readonly commands: readonly (readonly string[])[];
}

const MODEL = 'sql/payments/marts/zz.sql';
const LOOPS: readonly Loop[] = [
    {
        what: 'a model',
        file: MODEL,
        text: LOOPING,
        line: 4,
        commands: [['transform'], ['rebuild'], ['run', 'wal.json'], ['verify']],
    },
    {
        what: 'a model that makes its table out of a query',
        file: MODEL,
        text: `create table zz as\n${ENDLESS};\n`,
        line: 1,
        commands: [['transform'], ['transform', '--dry-run']],
    },
    {
        what: 'a data test',
        file: 'sql/payments/tests/metrics__endless.sql',
        text: `-- why: it has no end\n${ENDLESS};\n`,
        line: 2,
        commands: [['test'], ['rebuild', 'metrics']],
    },
    {
        what: 'a question',
        file: 'sql/payments/api/endless.sql',
        text: `-- row: none\n${ENDLESS};\n`,
        line: 2,
        commands: [['query', 'endless']],
    },
    {
        what: 'a migration',
        file: 'migrations/payments/0099_endless.sql',
        text: `create table zz (x);\ninsert into zz ${ENDLESS};\n`,
        line: 2,
        commands: [['migrate'], ['run', 'wal.json']],
    },
];

describe.each(LOOPS)('$what that loops', ({ file, text, line, commands }) => {
    test.each(commands.map((words) => ({ words })))('is ended by the time limit of elt $words', async ({ words }) => {
        writeFileSync(join(cwd, file), text);
        const ran = await elt([...words, '--timeout', '300ms'], { cwd });
        expectError(ran, {
            status: 6,
            code: 'SQL_TIMEOUT',
            says: `${file}:${line}`,
            has: ['where', 'found', 'state', 'next'],
        });
        expect(ran.stderr).toContain('limit (--timeout)');
    });
});

describe('the limit', () => {
    test.each([
        ['of the environment', { ELT_TIMEOUT: '300ms' }, '', 'limit (ELT_TIMEOUT)'],
        ['of the pipeline', {}, '-- timeout: 300ms\n', 'limit (sql/payments/pipeline.sql:1)'],
    ] as const)('%s holds', async (_, env, head, says) => {
        writeFileSync(join(cwd, MODEL), LOOPING);
        writeFileSync(join(PIPELINE, 'pipeline.sql'), head);
        const ran = await elt(['transform', '--json'], { cwd, env });
        expect([ran.status, JSON.parse(ran.stdout).error.code]).toEqual([6, 'SQL_TIMEOUT']);
        expect(ran.stderr).toContain(says);
    });

    test.each([
        ['--timeout', ['--timeout', '5 minutes'], {}, 2, 'COMMAND_WRONG'],
        ['ELT_TIMEOUT', [], { ELT_TIMEOUT: 'soon' }, 2, 'COMMAND_WRONG'],
        ['pipeline.sql:1', [], {}, 6, 'SQL_HEADER'],
    ] as const)('that is not a duration is refused: %s', async (says, words, env, status, code) => {
        writeFileSync(join(PIPELINE, 'pipeline.sql'), '-- timeout: later\n');
        expectError(await elt(['transform', ...words], { cwd, env }), { status, code, says, has: ['found', 'next'] });
    });

    test('leaves everything else as it is: words, exit status, standard input', async () => {
        const words = ['--pipeline', 'payments', '--db', 'stdin.db', 'run', '-'];
        const input = (await elt(['sample', 'payments', '--records', '30'])).stdout;
        const withLimit = await elt([...words, '--timeout', '1m'], { cwd, input });
        expect([withLimit.status, withLimit.stderr]).toEqual([0, '']);
        expect(withLimit.stdout).toContain('30 changes');
        const wrong = await elt(['rebuild', 'nothing', '--timeout', '1m'], { cwd });
        expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('error MODEL_UNKNOWN')]);
    });
});

/** Starts a transform that has no end, and waits until it is inside of it. */
async function looping(words: readonly string[]): Promise<{ child: ChildProcess; running: Promise<Ran> }> {
    writeFileSync(join(cwd, MODEL), LOOPING);
    const child = startElt(words, { cwd });
    onTestFinished(() => {
        child.kill('SIGKILL');
    });
    const running = ended(child);
    const probe = new Sqlite(DB, { timeout: 0 });
    onTestFinished(() => {
        probe.close();
    });
    for (let isFree = true; isFree; ) {
        try {
            probe.exec('begin immediate; rollback');
            await sleep(10);
        } catch {
            isFree = false;
        }
    }
    probe.close();
    await sleep(400);
    return { child, running };
}

describe('a signal', () => {
    test.each([
        ['SIGINT', ['transform']],
        ['SIGINT', ['run', 'wal.json']],
        ['SIGTERM', ['rebuild']],
        ['SIGHUP', ['verify']],
    ] as const)('%s ends elt %j at once, in a statement that loops', async (signal, words) => {
        const { child, running } = await looping(words);
        child.kill(signal);
        expect(await running).toMatchObject({ status: null, signal });
    });

    test.each(['SIGINT', 'SIGTERM'] as const)('%s does under a time limit too, and is reported', async (signal) => {
        const { child, running } = await looping(['transform', '--timeout', '10m']);
        child.kill(signal);
        expectError(await running, {
            status: 130,
            code: 'INTERRUPTED',
            says: 'nothing was published',
            has: ['state', 'next'],
        });
    });

    test('that kills the process which keeps the time ends the statement too', async () => {
        const { child } = await looping(['transform', '--timeout', '10m']);
        child.kill('SIGKILL');
        const database = new Sqlite(DB, { timeout: 4_000 });
        onTestFinished(() => {
            database.close();
        });
        database.exec('begin immediate; rollback');
    });
});
