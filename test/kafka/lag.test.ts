import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, startBrowser, watchedPage } from '../support/browser.ts';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type Sent, sendWith } from '../support/topic-producer.ts';
import { PIPELINE, TopicWorld } from './topic-world.ts';

const TOPIC = 'orders';
const chromium = chromiumPath();
const rows = (from: number, to: number): readonly Sent[] =>
    Array.from({ length: to - from }, (_, index) => ({
        key: String(from + index),
        value: `{"id":${from + index}}`,
        partition: 0,
    }));

/** How far a follower of topics is behind, where people and machines look for it. */
describe.skipIf(!hasKafka)('the lag of a follower of topics', () => {
    const broker = brokerForTests();
    let world: TopicWorld;
    let server: TestServer;

    beforeAll(async () => {
        if (!hasKafka) {
            return;
        }
        await broker().createTopic(TOPIC, 2);
        await broker().send(TOPIC, rows(0, 10));
        world = new TopicWorld(broker(), { [TOPIC]: `create table ${TOPIC} (id integer primary key);\n` });
        const dashboard = join(world.folder, 'sql', PIPELINE, 'dashboard');
        mkdirSync(dashboard);
        writeFileSync(
            join(dashboard, '10_orders.sql'),
            `-- chart: number\nselect count(*) as orders from stg_${TOPIC};\n`,
        );
        await world.load([TOPIC]);
        server = await startServer(['--project', world.folder, '--pipeline', PIPELINE, '--db', world.file]);
    });
    afterAll(async () => {
        await server?.stop();
        await world?.close();
    });

    /** By name, and for the lag by `name topic/partition`. */
    async function metrics(): Promise<Readonly<Record<string, number>>> {
        const { text } = await server.get('/metrics');
        const lines = text.matchAll(
            /^elt_source_(\w+)\{pipeline="shop"(?:,topic="(\w+)",partition="(\d+)")?\} (\S+)$/gm,
        );
        return Object.fromEntries(
            [...lines].map(([, name, topic, partition, value]) => [
                topic === undefined ? name : `${name} ${topic}/${partition}`,
                Number(value),
            ]),
        );
    }
    async function said(): Promise<Record<string, unknown>> {
        const { pipelines } = (await server.get('/health')).json() as {
            pipelines: { source: Record<string, unknown> }[];
        };
        return pipelines[0]?.source as Record<string, unknown>;
    }

    it('is in the metrics and in the head of a dashboard, and moves: what waits in an open transaction, then nothing', async () => {
        const following = world.follow([TOPIC], ['--json']);
        await until(
            async () => (await metrics()).following === 1,
            () => following.printed,
        );
        const producer = broker().producer({ transactionalId: 'tx-lag' });
        const transaction = await producer.beginTransaction();
        await sendWith(transaction as never, TOPIC, rows(10, 17));
        await until(
            async () => (await metrics())['lag_messages orders/0'] === 7,
            () => following.printed,
        );
        expect(await metrics()).toEqual({
            following: 1,
            'lag_messages orders/0': 7,
            'lag_messages orders/1': 0,
            lag_seconds: expect.any(Number),
            heard_timestamp_seconds: expect.any(Number),
        });
        // The broker's own figures say the same.
        const { stdout } = await world.ran(['source', 'status', '--json']);
        expect(JSON.parse(stdout)).toMatchObject({ lagMessages: 7, isLive: true });
        expect(await said()).toMatchObject({ phase: 'streaming', following: true, lag_messages: 7 });
        const browser = chromium === null ? null : await startBrowser(chromium);
        const shown = browser === null ? null : await watchedPage(browser, server.address);
        try {
            await shown?.page.goto(`${server.address}/dashboard/${PIPELINE}`);
            await shown?.page.getByText(/ behind the source, 7 messages$/).waitFor();
            await transaction.commit();
            await producer.close();
            await shown?.page.getByText('The source is followed').waitFor();
            expect(shown?.problems ?? []).toEqual([]);
        } finally {
            await browser?.close();
        }
        await until(
            async () => (await metrics())['lag_messages orders/0'] === 0,
            () => following.printed,
        );
        expect((await metrics()).lag_seconds).toBeLessThan(30);
        await following.says(/"event":"committed".*"lagMessages":0/);
        await following.stop();
    });

    it('is never 0 once the follower is gone', async () => {
        const database = new Database(world.file);
        const at = new Date(Date.now() - 120_000).toISOString();
        database.prepare('update elt_topic_partitions set measured_at = ?, level_at = ?, record_time = 1').run(at, at);
        database.close();
        const found = await metrics();
        expect([found.following, found['lag_messages orders/0']]).toEqual([0, undefined]);
        expect(found.lag_seconds).toBeGreaterThanOrEqual(120);
        expect(await said()).toMatchObject({ phase: 'streaming', following: false, lag_messages: null });
    });
});
