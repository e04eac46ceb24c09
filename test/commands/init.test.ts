import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elt, eltJson, workFolder } from '../support/elt.ts';

/** `elt init`: a whole pipeline or none. What it writes is shown in docs/tutorial.md, which is run. */

const id = { name: 'id', type: 'integer', value: 1 };
const insert = (table: string, more: object = {}): string =>
    `${JSON.stringify({ action: 'I', schema: 'public', table, columns: [id], ...more })}\n`;

test.each([
    { name: 'is not there', file: 'nowhere.jsonl', text: null, status: 2, code: 'SOURCE_NOT_FOUND' },
    { name: 'ends early', file: 'torn.jsonl', text: '[{"change":[]},{"chan', status: 3, code: 'SOURCE_TRUNCATED' },
    { name: 'is no stream', file: 'rows.csv', text: 'a,b\n1,2\n', status: 3, code: 'SOURCE_NOT_JSON' },
])('a sample that $name leaves nothing behind, so the same command can be run again', async (sample) => {
    const cwd = workFolder();
    if (sample.text !== null) {
        writeFileSync(join(cwd, sample.file), sample.text);
    }
    for (let time = 1; time <= 2; time++) {
        const ran = await elt(['init', 'shop', '--from', sample.file], { cwd });
        expect([ran.status, ran.stdout]).toEqual([sample.status, '']);
        expect(ran.stderr).toContain(`error ${sample.code}`);
        expect(readdirSync(cwd)).toEqual(sample.text === null ? [] : [sample.file]);
    }
});

test('folders that cannot be created: an error of the disk, and nothing is left', async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'sql'), 'a file');
    const ran = await elt(['init', 'shop'], { cwd });
    expect([ran.status, ran.stderr]).toEqual([7, expect.stringContaining('error FILE_REFUSED: "')]);
    expect(existsSync(join(cwd, 'migrations'))).toBe(false);
});

test('what the sample lacks is reported, with the command that helps', async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'odd.jsonl'), `${insert('t')}${insert('Odd name')}{"event_id":1}\n`);
    const ran = await elt(['init', 'shop', '--from', 'odd.jsonl'], { cwd });
    expect(ran.status).toBe(0);
    expect(ran.stderr.trimEnd().split('\n')).toEqual([
        '1 of the sample could not be decoded: "elt --pipeline shop run odd.jsonl" rejects them with the reason',
        'public."Odd name" stays as changes: the stream names no key for it; once it has landed, "elt --pipeline shop scaffold \'public."Odd name"\' --key COLUMN"',
        'public.t stays as changes: the stream names no key for it; once it has landed, "elt --pipeline shop scaffold public.t --key COLUMN"',
    ]);
    expect((await elt(['--pipeline', 'shop', 'run', 'odd.jsonl'], { cwd })).status).toBe(4);
    for (const relation of ['public.t', 'public."Odd name"']) {
        const made = await elt(['--pipeline', 'shop', 'scaffold', relation, '--key', 'id'], { cwd });
        expect([made.stderr, made.status]).toEqual(['', 0]);
    }
    expect((await elt(['--pipeline', 'shop', 'transform'], { cwd })).status).toBe(0);
    expect(
        (await eltJson<{ rows: unknown[] }>(['--pipeline', 'shop', 'show', 'current_t'], { cwd })).rows,
    ).toHaveLength(1);
});

test('a sample without a change of a table', async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'empty.jsonl'), '{"change":[]}\n');
    const ran = await elt(['init', 'shop', '--from', 'empty.jsonl'], { cwd });
    expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('contains no change of a table')]);
});

describe('the mart to begin with', () => {
    const pk = [{ name: 'id', type: 'integer' }];
    const files = (cwd: string) =>
        readdirSync(join(cwd, 'sql', 'shop'), { recursive: true, encoding: 'utf8' })
            .filter((file) => file.endsWith('.sql'))
            .sort();

    test('is one of the table with the most changes, with a case that passes', async () => {
        const cwd = workFolder();
        const much = [1, 2, 3].map((value) => insert('much', { columns: [{ ...id, value }], pk }));
        writeFileSync(
            join(cwd, 'all.jsonl'),
            `${insert('little', { pk })}${much.join('')}${insert('no_key').repeat(5)}`,
        );
        expect((await elt(['init', 'shop', '--from', 'all.jsonl'], { cwd })).status).toBe(0);
        expect(files(cwd)).toEqual([
            'marts/much_mart.sql',
            'tests/much_mart.case.sql',
            'upkeep/current_little.sql',
            'upkeep/current_much.sql',
            'upkeep/much_mart.sql',
        ]);
        const ran = await elt(['--pipeline', 'shop', 'run', 'all.jsonl'], { cwd });
        expect(ran.status, ran.stderr).toBe(0);
        const { rows } = await eltJson<{ rows: unknown[] }>(['--pipeline', 'shop', 'show', 'much_mart'], { cwd });
        expect(rows).toEqual([[1], [2], [3]]);
        const cases = await elt(['--pipeline', 'shop', 'test', '--cases'], { cwd });
        expect([cases.status, cases.stdout]).toEqual([0, expect.stringContaining('1 of 1 case passed')]);
    });

    test.each([
        { table: 'elt_loads', mart: 'mart_of_elt_loads' },
        { table: 'current_stock', mart: 'mart_of_current_stock' },
    ])('of a table called $table does not take a name of ours', async ({ table, mart }) => {
        const cwd = workFolder();
        writeFileSync(join(cwd, 'all.jsonl'), insert(table, { pk }));
        expect((await elt(['init', 'shop', '--from', 'all.jsonl'], { cwd })).status).toBe(0);
        expect(files(cwd)).toContain(`marts/${mart}.sql`);
        expect((await elt(['--pipeline', 'shop', 'run', 'all.jsonl'], { cwd })).status).toBe(0);
    });

    test('is not written where no table has a key', async () => {
        const cwd = workFolder();
        writeFileSync(join(cwd, 'all.jsonl'), insert('no_key'));
        expect((await elt(['init', 'shop', '--from', 'all.jsonl'], { cwd })).status).toBe(0);
        expect(files(cwd)).toEqual([]);
    });
});
