import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/definitions.ts';
import { elt, workFolder } from '../support/elt.ts';

/** docs/json.md: every command that has `--json` writes one document in one convention of names. */

const PREPARED = 'shop';
const stream = [
    { action: 'B', xid: 7, lsn: '0/100', nextlsn: '0/180' },
    {
        action: 'I',
        xid: 7,
        schema: 'public',
        table: 'order_lines',
        columns: [
            { name: 'line_id', type: 'integer', value: 1 },
            { name: 'unit_price', type: 'numeric(10,2)', value: 2.5 },
        ],
        pk: [{ name: 'line_id', type: 'integer' }],
    },
    {
        action: 'U',
        xid: 7,
        schema: 'public',
        table: 'order_lines',
        columns: [
            { name: 'line_id', type: 'integer', value: 9 },
            { name: 'unit_price', type: 'numeric(10,2)', value: 2.5 },
            { name: 'note', type: 'text', value: 'late' },
        ],
        identity: [{ name: 'line_id', type: 'integer', value: 9 }],
        pk: [{ name: 'line_id', type: 'integer' }],
    },
    { action: 'C', xid: 7, lsn: '0/100', nextlsn: '0/180' },
];
const text = (records: readonly object[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** A run of each command, in order; `position`: the document says how far the database is. */
const RUNS: readonly (readonly [name: string, words: readonly string[], position?: 'position'])[] = [
    ['init', ['init', PREPARED, '--from', 'first.jsonl']],
    ['migrate', ['migrate']],
    ['migrate up', ['migrate', 'up']],
    ['migrate status', ['migrate', 'status']],
    ['run', ['run', 'all.jsonl'], 'position'],
    ['load', ['load', 'all.jsonl'], 'position'],
    ['load', ['load', 'more.jsonl'], 'position'],
    ['transform', ['transform'], 'position'],
    ['transform', ['transform', '--dry-run'], 'position'],
    ['rebuild', ['rebuild'], 'position'],
    ['status', ['status'], 'position'],
    ['show', ['show', 'current_order_lines']],
    ['query', ['query']],
    ['test', ['test']],
    ['test', ['test', '--print']],
    ['verify', ['verify'], 'position'],
    ['scaffold', ['scaffold', '--all']],
    ['check', ['check']],
    ['check', ['check', 'all.jsonl']],
    ['rejects', ['rejects']],
    ['rejects list', ['rejects', 'list']],
    ['rejects show', ['rejects', 'show', '1']],
    ['rejects retry', ['rejects', 'retry']],
    ['drift', ['drift']],
    ['drift list', ['drift', 'list']],
    ['export', ['export', 'current_order_lines', '--format', 'csv']],
    ['docs', ['docs']],
    ['prune', ['prune']],
    ['backup', ['backup', 'kept.db']],
    ['migrate down', ['migrate', 'down']],
];

/** Commands of which nothing is run here, and why. */
const NOT_RUN: Readonly<Record<string, string>> = {
    follow: 'needs a server',
    push: 'needs a target',
    lake: 'needs a folder',
    print: 'writes SQL',
    serve: 'does not end; its documents are those of OpenAPI',
    dev: 'does not end',
    source: 'needs a server',
    sample: 'writes bytes',
    completion: 'writes a script',
};

describe('--json', () => {
    let cwd: string;

    beforeAll(() => {
        cwd = workFolder();
        writeFileSync(join(cwd, 'first.jsonl'), text(stream.slice(0, 2)));
        writeFileSync(join(cwd, 'all.jsonl'), text(stream));
        writeFileSync(join(cwd, 'more.jsonl'), '{"action":"X"}\n');
    });

    it.each(RUNS.map(([, words, position]) => [words, position ?? null] as const))(
        'elt %j',
        async (words, position) => {
            const ran = await elt(['--pipeline', PREPARED, ...words, '--json'], { cwd });
            expect(ran.stdout.trim().split('\n'), ran.stderr).toHaveLength(1);
            const document = JSON.parse(ran.stdout) as Record<string, unknown>;
            expect(document.schemaVersion).toBe(1);
            expect(namesIn(document).filter((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name))).toEqual([]);
            if (position !== null) {
                expect(document.position).toEqual({ seq: 2, wholeSeq: 2, lsn: '0/180' });
            }
        },
    );

    it('an error', async () => {
        const ran = await elt(['--pipeline', PREPARED, 'show', 'nothing', '--json'], { cwd });
        expect(JSON.parse(ran.stdout)).toMatchObject({ schemaVersion: 1, error: { code: 'MODEL_UNKNOWN' } });
    });

    it('an answer is an array of rows, with the names of its columns', async () => {
        const question = join(cwd, 'sql', PREPARED, 'api');
        await elt(['--pipeline', PREPARED, 'migrate'], { cwd });
        mkdirSync(question, { recursive: true });
        writeFileSync(join(question, 'prices.sql'), '-- row: one price\n\nselect 1 as unit_price, 2 as "Of it";\n');
        const ran = await elt(['--pipeline', PREPARED, 'query', 'prices', '--json'], { cwd });
        expect(JSON.parse(ran.stdout)).toEqual([{ unit_price: 1, 'Of it': 2 }]);
    });

    it('is asked of every command', () => {
        const asked = new Set(RUNS.map(([name]) => name));
        const left = COMMANDS.map(({ name }) => name).filter((name) => {
            return !asked.has(name) && NOT_RUN[name.split(' ')[0] as string] === undefined;
        });
        expect(left).toEqual([]);
    });
});

/** The names of all members but those of values that tables hold. */
function namesIn(value: unknown): readonly string[] {
    if (Array.isArray(value)) {
        return value.flatMap(namesIn);
    }
    return typeof value !== 'object' || value === null
        ? []
        : Object.entries(value).flatMap(([name, member]) => [name, ...(name === 'rows' ? [] : namesIn(member))]);
}
