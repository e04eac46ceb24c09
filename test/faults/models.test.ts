import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { elt, PROJECT, workFolder } from '../support/elt.ts';

/** A SQL file that does what it must not: refused before anything runs, nothing published. */

const cwd = workFolder();
const PIPELINE = join(cwd, 'sql', 'payments');

beforeAll(async () => {
    cpSync(join(PROJECT, 'sql', 'payments'), PIPELINE, { recursive: true });
    cpSync(join(PROJECT, 'migrations'), join(cwd, 'migrations'), { recursive: true });
    mkdirSync(join(PIPELINE, 'marts'), { recursive: true });
    writeFileSync(join(cwd, 'wal.json'), (await elt(['sample', 'payments', '--records', '60'])).stdout);
    expect((await elt(['run', 'wal.json'], { cwd })).status).toBe(0);
});

test.each([
    [
        'a model that drops staging',
        'marts/zz.sql',
        'create table if not exists zz (x);\ndrop table stg_transaction;',
        2,
        'MODEL_OVERREACH',
    ],
    ["a model that writes another's table", 'marts/zz.sql', '\n\ndelete from metrics;', 3, 'MODEL_OVERREACH'],
    [
        'a model with a trigger on staging',
        'marts/zz.sql',
        'create trigger zz after insert on stg_transaction begin delete from metrics; end;',
        1,
        'MODEL_OVERREACH',
    ],
    ['a model with a pragma', 'marts/zz.sql', 'pragma synchronous = off;', 1, 'SQL_FORBIDDEN'],
    ['a model that attaches a file', 'marts/zz.sql', "select 1;\nattach 'x.db' as x;", 2, 'SQL_FORBIDDEN'],
    [
        'a data test that deletes what it finds',
        'tests/metrics__gone.sql',
        '-- why: x\n\ndelete from stg_transaction returning *;',
        3,
        'SQL_STATEMENT',
    ],
    [
        'a model whose third statement fails',
        'marts/zz.sql',
        'create table if not exists zz (x);\ninsert into zz values (1);\ninsert into zz values (1, 2);',
        3,
        'SQL_STATEMENT',
    ],
])('%s publishes nothing and names the line', async (_, file, text, line, code) => {
    const before = (await elt(['show', 'metrics', '--json'], { cwd })).stdout;
    writeFileSync(join(PIPELINE, file), `${text}\n`);
    try {
        for (const words of [['transform'], ['transform', '--rebuild'], ['transform', '--dry-run']]) {
            const ran = await elt(words, { cwd });
            expect([ran.status, ran.stdout]).toEqual([6, '']);
            expect(ran.stderr).toContain(`error ${code}:`);
            expect(ran.stderr).toContain(`sql/payments/${file}:${line}`);
        }
    } finally {
        rmSync(join(PIPELINE, file));
    }
    expect((await elt(['show', 'metrics', '--json'], { cwd })).stdout).toBe(before);
    expect((await elt(['verify'], { cwd })).status).toBe(0);
});
