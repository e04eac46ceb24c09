import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '../../src/core/error-codes.ts';
import { EltError, renderError } from '../../src/core/errors.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';

/** Promise 8: an error says what, where, got and expected, state, next, cause, in that order; its class is the status. */

const LABELS = ['where', 'found', 'state', 'next', 'cause'] as const;
type Label = (typeof LABELS)[number];

const cwd = workFolder();
const GOOD =
    '{"change":[{"kind":"insert","schema":"public","table":"transaction","columnnames":["transaction_id"],"columntypes":["uuid"],"columnvalues":["x"]}]}';

beforeAll(async () => {
    cpSync(join(PROJECT, 'sql'), join(cwd, 'sql'), { recursive: true });
    cpSync(join(PROJECT, 'migrations'), join(cwd, 'migrations'), { recursive: true });
    writeFileSync(join(cwd, 'wal.json'), (await elt(['sample', 'payments', '--records', '50'])).stdout);
    writeFileSync(join(cwd, 'foreign.db'), '');
    expect((await elt(['run', 'wal.json'], { cwd })).status).toBe(0);
});

interface Case {
    readonly code: ErrorCode;
    /** What must be said besides the sentence; `next` always. */
    readonly says: readonly Label[];
    readonly words: readonly string[];
    readonly input?: string | Buffer;
    readonly file?: readonly [string, string];
}

const MART = 'sql/payments/marts';
const CASES: readonly Case[] = [
    { code: 'SOURCE_NOT_FOUND', says: ['where', 'found'], words: ['load', 'wal.jsn'] },
    { code: 'MODEL_UNKNOWN', says: ['found'], words: ['transform', '--select', 'metrisc'] },
    {
        code: 'PROJECT_MISSING',
        says: ['where', 'found'],
        words: ['transform', '--pipeline', 'paymnts', '--project', '.', '--db', 'payments.db'],
    },
    { code: 'SOURCE_TRUNCATED', says: ['where', 'state'], words: ['load', '-'], input: `[${GOOD},{"change":[{"kind"` },
    {
        code: 'SOURCE_NOT_UTF8',
        says: ['where', 'state'],
        words: ['load', '-'],
        input: Buffer.from([0x7b, 0x22, 0xc3, 0x28]),
    },
    {
        code: 'SOURCE_COMPRESSION',
        says: ['where', 'state', 'cause'],
        words: ['load', '-'],
        input: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2]),
    },
    {
        code: 'RECORD_REJECTED',
        says: ['where', 'found', 'state'],
        words: ['load', '--strict', '-'],
        input: '{"change":[{"kind":"x"}]}',
    },
    {
        code: 'SQL_STATEMENT',
        says: ['where', 'found', 'state'],
        words: ['transform'],
        file: [`${MART}/wrong.sql`, 'select 1 as one;\n\nselect nothing from metrics;\n'],
    },
    {
        code: 'SQL_HEADER',
        says: ['where', 'found'],
        words: ['transform'],
        file: [`${MART}/wrong.sql`, '-- raw: x\n\nselect 1;\n'],
    },
    {
        code: 'SQL_FORBIDDEN',
        says: ['where', 'found'],
        words: ['transform'],
        file: [`${MART}/wrong.sql`, 'begin;\nselect 1;\n'],
    },
    {
        code: 'SQL_INCOMPLETE',
        says: ['where'],
        words: ['transform'],
        file: [`${MART}/wrong.sql`, "select 'never closed;\n"],
    },
    {
        code: 'SQL_DUPLICATE',
        says: ['where'],
        words: ['transform'],
        file: ['sql/payments/views/metrics.sql', 'select 1;\n'],
    },
    {
        code: 'TEST_FAILED',
        says: ['where', 'found'],
        words: ['test'],
        file: ['sql/payments/tests/metrics__bad.sql', '-- scope: all\n\nselect 1 as one;\n'],
    },
    {
        code: 'MIGRATION_ORDER',
        says: ['where', 'state'],
        words: ['migrate'],
        file: ['migrations/payments/0000_x.sql', 'select 1;\n'],
    },
    {
        code: 'MIGRATION_FAILED',
        says: ['where', 'found', 'state'],
        words: ['migrate'],
        file: ['migrations/payments/0009_x.sql', 'create table metrics (a);\n'],
    },
    { code: 'DATABASE_MISSING', says: [], words: ['status', '--db', 'none.db'] },
    { code: 'DATABASE_REFUSED', says: ['found'], words: ['status', '--db', '.'] },
    { code: 'DATABASE_DAMAGED', says: ['state', 'cause'], words: ['status', '--db', 'wal.json'] },
    { code: 'DATABASE_NOT_MIGRATED', says: [], words: ['load', 'wal.json', '--db', 'foreign.db'] },
];

describe('errors of the command line', () => {
    test.each(CASES)('$code', async ({ code, says, words, input, file }) => {
        const project = file === undefined ? cwd : workFolder();
        if (file !== undefined) {
            cpSync(cwd, project, { recursive: true });
            const { mkdirSync } = await import('node:fs');
            mkdirSync(join(project, file[0], '..'), { recursive: true });
            writeFileSync(join(project, file[0]), file[1]);
        }
        const ran = await elt(words, { cwd: project, ...(input === undefined ? {} : { input }) });
        const lines = ran.stderr.trimEnd().split('\n');
        expect(lines[0]).toMatch(new RegExp(`^error ${code}: \\S`));
        expect(ran.status).toBe(ERROR_CODES[code].status);
        const labels = lines.flatMap((line) => /^ {2}([a-z]+): /.exec(line)?.[1] ?? []);
        expect(labels).toEqual(LABELS.filter((label) => labels.includes(label)));
        for (const label of [...says, 'next']) {
            expect([label, labels.includes(label)]).toEqual([label, true]);
        }
        // One step, as a sentence or a command.
        const next = lines.find((line) => line.startsWith('  next: ')) ?? '';
        expect(next.length).toBeGreaterThan(15);
        expect(ran.stdout).not.toContain('error');
    });
});

describe('an error', () => {
    const full = new EltError({
        code: 'SOURCE_TRUNCATED',
        message: 'a',
        cause: new Error('f'),
        next: 'e',
        state: 'd',
        found: 'c1\nc2',
        where: 'b',
    });

    test('is written in one order, whatever the order of its facts', () => {
        expect(renderError(full)).toBe(
            'error SOURCE_TRUNCATED: a\n  where:  b\n  found:  c1\n          c2\n  state:  d\n  next:   e\n  cause:  f',
        );
    });

    test('leaves out what cannot exist', () => {
        expect(renderError(new EltError({ code: 'BUG', message: 'a' }))).toBe('error BUG: a');
    });

    test('cannot drive a terminal', () => {
        const text = renderError(new EltError({ code: 'BUG', message: 'a\u001b[2Jb\u2028c', found: '\u0007\u009b' }));
        expect(text).toBe('error BUG: a\\x1b[2Jb\\u2028c\n  found:  \\x07\\x9b');
    });

    test('has the status of its class', () => {
        expect([...new Set(Object.values(ERROR_CODES).map(({ status }) => status))].sort((a, b) => a - b)).toEqual(
            [2, 3, 4, 5, 6, 7, 8, 70, 130].filter((status) =>
                Object.values(ERROR_CODES).some((one) => one.status === status),
            ),
        );
        expect(full.exitStatus).toBe(3);
    });
});
