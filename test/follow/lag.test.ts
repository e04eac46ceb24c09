import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, PIPELINE, until } from '../support/follow-world.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** How far a follower is behind, where people and machines look for it. */
describe.skipIf(!hasPostgres)('the lag of a follower', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;
    let server: TestServer;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'lagging', 'create table plain (id int primary key, words text);');
        await world.catchUp();
        server = await startServer(['--project', world.folder, '--pipeline', PIPELINE, '--db', world.file]);
    });
    afterAll(async () => {
        await server.stop();
        await world.close();
    });

    async function metrics(): Promise<Readonly<Record<string, number>>> {
        const { text } = await server.get('/metrics');
        const lines = [...text.matchAll(/^elt_source_(\w+)\{pipeline="shop"\} (\S+)$/gm)];
        return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]));
    }
    function age(seconds: number): void {
        const database = new Database(world.file);
        const at = new Date(Date.now() - seconds * 1_000).toISOString();
        database.prepare('update elt_sources set measured_at = ?').run(at);
        database.close();
    }

    it('is in the metrics, and small while it follows', async () => {
        const following = world.follow();
        await following.says('following');
        await world.session.sql(`insert into plain select i, 'x' from generate_series(1, 100) as i;`);
        await until(
            async () => (await metrics()).lag_bytes === 0,
            () => following.printed,
        );
        const found = await metrics();
        expect(found).toEqual({
            following: 1,
            lag_bytes: 0,
            // At most so old: nobody has asked the server since.
            lag_seconds: expect.any(Number),
            heard_timestamp_seconds: expect.any(Number),
        });
        expect(found.lag_seconds).toBeGreaterThan(0);
        expect(found.lag_seconds).toBeLessThan(30);
        expect(Math.abs(Number(found.heard_timestamp_seconds) - Date.now() / 1_000)).toBeLessThan(30);
        await following.stop();
    });

    it('is never 0 once the follower is gone', async () => {
        age(120);
        const found = await metrics();
        expect(found.following).toBe(0);
        expect(found.lag_bytes).toBeUndefined();
        expect(found.lag_seconds).toBeGreaterThanOrEqual(120);
        const { pipelines } = (await server.get('/health')).json() as { pipelines: { source: unknown }[] };
        expect(pipelines[0]?.source).toMatchObject({ phase: 'streaming', following: false, lag_bytes: null });
    });

    it('is in a line for machines after every commit, and while nothing comes', async () => {
        const following = world.follow(['--json']);
        await until(
            () => following.stdout.includes('"following"'),
            () => following.printed,
        );
        await world.session.sql(`insert into plain values (1000, 'y');`);
        await following.says('"waiting"');
        await following.stop();
        const events = following.stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as Record<string, unknown>);
        for (const event of ['committed', 'waiting']) {
            expect(events.find((one) => one.event === event && one.lagBytes !== null)).toMatchObject({
                lagBytes: expect.any(Number),
                changes: expect.any(Number),
                changesPerSecond: expect.any(Number),
                tables: 1,
            });
        }
    });

    it('counts what the server has not sent yet', async () => {
        const following = world.follow(['--json']);
        await until(
            () => following.stdout.includes('"following"'),
            () => following.printed,
        );
        // The server's process that sends the stream stands still; another one answers.
        let pid = 0;
        await until(
            async () => {
                const streaming = `select coalesce(max(pid), 0) from pg_stat_replication where state = 'streaming';`;
                pid = Number(await world.session.sql(streaming));
                return pid > 1;
            },
            () => `a process of the server\n${following.printed}`,
        );
        process.kill(pid, 'SIGSTOP');
        await world.session.sql(`insert into plain select i, repeat('z', 500) from generate_series(2000, 9000) as i;`);
        await until(
            () =>
                following.stdout
                    .split('\n')
                    .some((line) => Number(/"lagBytes":(\d+)/.exec(line)?.[1] ?? 0) > 1_000_000),
            () => following.printed,
        );
        process.kill(pid, 'SIGCONT');
        await world.settled();
        await following.stop();
    });
});
