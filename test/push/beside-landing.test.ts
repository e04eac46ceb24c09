import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, PROJECT, startElt, workFolder } from '../support/elt.ts';
import { FollowWorld, PIPELINE, until } from '../support/follow-world.ts';
import type { Psql } from '../support/psql.ts';
import { startServer } from '../support/server.ts';

/** Targets in the head of a mart: `elt run` and `elt follow` push after their commit, and a target never holds them up. */

const NOWHERE = 'postgres://127.0.0.1:1/reports';

describe.skipIf(!hasPostgres)('a mart whose head names targets', () => {
    const cluster = clusterForTests();
    let session: Psql;

    beforeAll(async () => {
        session = await cluster().createDatabase('reports');
    });

    const addressOf = (table: string): string =>
        cluster().address('reports').replace('/reports?', `/reports/${table}?`);

    /** A project with a copy of the pipeline payments, whose mart goes where these lines say. */
    async function projectWith(lines: readonly string[], records = 400): Promise<string> {
        const folder = workFolder();
        for (const part of ['sql/payments', 'migrations/payments']) {
            cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
        }
        headOf(folder, lines);
        const sample = await elt(['sample', 'payments', '--records', String(records), '--shape', 'lines']);
        writeFileSync(join(folder, 'wal.jsonl'), sample.stdout);
        return folder;
    }

    function headOf(folder: string, lines: readonly string[]): void {
        const file = join(folder, 'sql/payments/marts/metrics.sql');
        const text = readFileSync(join(PROJECT, 'sql/payments/marts/metrics.sql'), 'utf8');
        writeFileSync(file, `${lines.map((line) => `-- push: ${line}\n`).join('')}${text}`);
    }

    const count = async (table: string): Promise<number> => Number(await session.sql(`select count(*) from ${table};`));

    test('elt run pushes after its commit, and says so in its result', async () => {
        const cwd = await projectWith([addressOf('run.metrics')]);
        const ran = await elt(['--json', 'run', 'wal.jsonl'], { cwd });
        expect([ran.status, ran.stderr]).toEqual([0, '']);
        const { models, pushes } = JSON.parse(ran.stdout) as { models: unknown[]; pushes: { written: number }[] };
        expect(models.length).toBeGreaterThan(0);
        expect(pushes).toMatchObject([{ mart: 'metrics', whole: true, written: await count('run.metrics') }]);
        expect(await count('run.metrics')).toBeGreaterThan(100);
        // Nothing new: nobody is asked.
        const again = await elt(['run', 'wal.jsonl'], { cwd });
        expect([again.status, again.stdout.includes('pushed')]).toEqual([0, false]);
    });

    test('a target that fails holds neither the run nor another target up, and is retried by the next run', async () => {
        const cwd = await projectWith([NOWHERE, addressOf('held.metrics')]);
        const ran = await elt(['run', 'wal.jsonl'], { cwd });
        expect(ran.status).toBe(8);
        expect(ran.stderr).toMatch(/^error TARGET_UNREACHABLE: /m);
        expect(ran.stdout).toContain('failed  metrics to postgres://127.0.0.1:1/reports/public.metrics');
        const rows = await count('held.metrics');
        expect(rows).toBeGreaterThan(100);
        const status = await elt(['--json', 'push', 'status'], { cwd });
        expect(JSON.parse(status.stdout)).toMatchObject({
            targets: [
                { behind: 0, error: null },
                { error: expect.stringContaining('TARGET_UNREACHABLE'), failures: 1 },
            ],
        });
        const served = ['--pipeline', 'payments', '--project', cwd, '--db', join(cwd, 'payments.db')];
        const server = await startServer(served);
        const { text } = await server.get('/metrics');
        await server.stop();
        expect(text).toMatch(/^elt_push_failures\{pipeline="payments",mart="metrics",target="[^"]*:1\/[^"]*"\} 1$/m);
        expect(text).toMatch(/^elt_push_behind\{[^}]*held\.metrics"\} 0$/m);
        expect(text).toMatch(/^elt_push_last_success_timestamp_seconds\{[^}]*held\.metrics"\} \d{10}$/m);
        headOf(cwd, [addressOf('held.metrics')]);
        expect((await elt(['run', 'wal.jsonl'], { cwd })).status).toBe(0);
    });

    test('a variable that is not set is a note, and a line that cannot be read an error after the run', async () => {
        const cwd = await projectWith(['$NO_SUCH_PLACE/metrics']);
        const ran = await elt(['run', 'wal.jsonl'], { cwd });
        expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('NO_SUCH_PLACE, which its head names')]);
        const env = { NO_SUCH_PLACE: 'postgres:///reports', PGHOST: cluster().folder, PGUSER: 'postgres' };
        expect((await elt(['push', '--all'], { cwd, env })).status).toBe(0);
        expect(await count('metrics')).toBeGreaterThan(100);
        headOf(cwd, ['ftp://example.com/metrics']);
        writeFileSync(join(cwd, 'more.jsonl'), readFileSync(join(cwd, 'wal.jsonl')));
        const wrong = await elt(['run', '--as-new', 'more.jsonl'], { cwd });
        expect([wrong.status, wrong.stderr]).toEqual([6, expect.stringContaining('marts/metrics.sql:1')]);
        expect(wrong.stdout).toContain('landed');
    });

    test('elt run --each-batch pushes meanwhile, and is not delayed by a target that does not answer', async () => {
        const cwd = await projectWith([NOWHERE, addressOf('batches.metrics')]);
        const lines = readFileSync(join(cwd, 'wal.jsonl'), 'utf8').trim().split('\n');
        const batches = [lines.slice(0, 200), lines.slice(200)].map((batch) => `[${batch.join(',')}]`);
        writeFileSync(join(cwd, 'batches.json'), `[${batches.join(',')}]`);
        const child = startElt(['run', '--each-batch', '--every', '4s', 'batches.json'], { cwd });
        const ended = new Promise((resolve) => child.once('close', resolve));
        await until(
            async () => (await session.sql("select to_regclass('batches.metrics') is not null;")) === 't',
            () => 'the first batch in the target',
        );
        const first = await count('batches.metrics');
        expect(await ended).toBe(8);
        expect([first > 0, await count('batches.metrics')]).toEqual([true, expect.any(Number)]);
        expect(await count('batches.metrics')).toBeGreaterThan(first);
    });

    test('elt --json run on a pipe has one result, also where pushes happen meanwhile', async () => {
        const cwd = await projectWith([addressOf('piped.metrics')]);
        const lines = readFileSync(join(cwd, 'wal.jsonl'), 'utf8').trim().split('\n');
        const child = startElt(['--json', 'run', '-', '--every', '300ms'], { cwd });
        const ended = new Promise((resolve) => child.once('close', resolve));
        let stdout = '';
        child.stdout?.on('data', (bytes: Buffer) => {
            stdout += bytes.toString();
        });
        let stderr = '';
        child.stderr?.on('data', (bytes: Buffer) => {
            stderr += bytes.toString();
        });
        child.stdin?.write(`${lines.slice(0, 200).join('\n')}\n`);
        await until(
            async () => (await session.sql("select to_regclass('piped.metrics') is not null;")) === 't',
            () => 'the first lines in the target',
        );
        child.stdin?.end(`${lines.slice(200).join('\n')}\n`);
        expect([await ended, stderr]).toEqual([0, '']);
        expect(JSON.parse(stdout)).toMatchObject({ pushes: [{ mart: 'metrics' }] });
    });

    test('elt follow pushes each commit, through a target that goes and comes back', async () => {
        const world = await FollowWorld.open(
            cluster(),
            'followed',
            `create table orders (id bigint primary key, total numeric(10,2), paid boolean, at timestamptz);
            insert into orders values (0, 0, true, null);`,
        );
        await session.sql('create schema live;');
        await world.ran(['follow', '--until-caught-up']);
        await world.ran(['scaffold', '--all']);
        mkdirSync(join(world.folder, 'sql', PIPELINE, 'marts'), { recursive: true });
        writeFileSync(
            join(world.folder, 'sql', PIPELINE, 'marts', 'paid.sql'),
            `-- row: a paid order\n-- key: id\n-- push: ${addressOf('live.paid')}\nselect id, total, at from current_orders where paid = 1\n`,
        );
        const following = world.follow();
        const reaches = async (sql: string): Promise<void> => {
            const wanted = await world.session.sql(sql);
            await until(
                async () =>
                    (await session.sql("select to_regclass('live.paid') is not null;")) === 't' &&
                    (await session.sql(sql.replace('from orders where paid', 'from live.paid'))) === wanted,
                () => `${wanted} in the target\n${following.printed}`,
            );
        };
        const ALL =
            "select coalesce(string_agg(id || '/' || total || '/' || at, ',' order by id), '') from orders where paid;";
        await world.session.sql(
            "insert into orders select i, i * 1.25, i % 2 = 0, '2024-01-01 10:00+02' from generate_series(1, 50) as i;",
        );
        await reaches(ALL);
        await world.session.sql('update orders set paid = not paid where id < 20; delete from orders where id = 40;');
        await reaches(ALL);
        // A lock there is what a target that does not answer looks like: landing continues.
        await session.sql('begin; lock table live.paid in access exclusive mode;');
        await world.session.sql('update orders set total = 7 where id > 45;');
        await world.settled();
        await session.sql('rollback;');
        await reaches(ALL);
        await following.stop();
        expect(following.status).toBe(0);
        await world.session.sql('update orders set total = 8 where id > 45;');
        await world.ran(['follow', '--until-caught-up']);
        await reaches(ALL);
        await world.close();
    });
});
