import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { elt, workFolder } from '../../support/elt.ts';

/** SQLite has limits: 2,000 columns of a table, and as many terms of an aggregate. */

const COUNT = 1_900;

function change(id: number, value: number, kind: 'I' | 'U'): string {
    const values = Array.from({ length: COUNT }, (_, at) => ({ name: `c${at}`, type: 'integer', value: value + at }));
    const key = { name: 'id', type: 'integer' };
    const identity = kind === 'U' ? { identity: [{ ...key, value: id }] } : {};
    const columns = [{ ...key, value: id }, ...values];
    return JSON.stringify({ action: kind, schema: 'public', table: 'wide', columns, ...identity, pk: [key] });
}

test(`a mart of ${COUNT} columns is filled, kept up to date and tested`, async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'first.jsonl'), `${change(1, 10, 'I')}\n${change(2, 20, 'I')}\n`);
    writeFileSync(join(cwd, 'then.jsonl'), `${change(2, 30, 'U')}\n${change(3, 40, 'I')}\n`);
    expect((await elt(['init', 'wide', '--from', 'first.jsonl'], { cwd })).status).toBe(0);
    for (const file of ['first.jsonl', 'then.jsonl']) {
        const ran = await elt(['--pipeline', 'wide', 'run', file], { cwd });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
    }
    const rows = await elt(['--pipeline', 'wide', 'show', 'wide_mart', '--json'], { cwd });
    expect(rows.stdout).toContain(`${30 + COUNT - 1}`);
    expect((await elt(['--pipeline', 'wide', 'test'], { cwd })).status).toBe(0);
});
