import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskFaults } from '../support/disk-faults.ts';
import { until } from '../support/follow-world.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import type { Sent } from '../support/topic-producer.ts';
import { TopicWorld } from './topic-world.ts';

/** What can be in a topic: compressed, compacted, wrong. */

const source = (topic: string): Readonly<Record<string, string>> => ({
    [topic]: `create table ${topic} (id integer primary key, note text not null);\n`,
});
const row = (id: number, note = `n${id}`): Sent => ({ key: String(id), value: JSON.stringify({ id, note }) });

describe.skipIf(!hasKafka)('messages', () => {
    const broker = brokerForTests();
    const disk = diskFaults();

    it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('compressed by %s', async (compression) => {
        const topic = `packed_${compression}`;
        await broker().createTopic(topic);
        const sent = Array.from({ length: 300 }, (_, id) => row(id, 'long text that repeats '.repeat(1 + (id % 5))));
        await broker().send(topic, sent, { compression });
        const world = new TopicWorld(broker(), source(topic));
        await world.load([topic]);
        expect(world.rows(`select id, note from stg_${topic} order by id`)).toEqual(
            sent.map(({ value }) => JSON.parse(value as string)),
        );
    });

    it('a compacted topic: the current table has the last value of each key', async () => {
        const topic = 'compacted';
        await broker().createTopic(topic, 1, {
            'cleanup.policy': 'compact',
            'segment.ms': '200',
            'min.cleanable.dirty.ratio': '0.01',
            'delete.retention.ms': '600000',
        });
        const note = (round: number): string => `round ${round} ${'x'.repeat(200)}`;
        for (let round = 0; round < 4; round++) {
            await broker().send(
                topic,
                Array.from({ length: 50 }, (_, id) => row(id, note(round))),
            );
            await new Promise((resolve) => setTimeout(resolve, 300));
        }
        // The last one is of a key whose rows are not in the topic any more: it is no row that is missing here.
        const tombstones = ['7', '77'].map((key) => ({ key, value: null }));
        await broker().send(topic, [...tombstones, { key: '8', value: '' }, row(50)]);
        const world = new TopicWorld(broker(), source(topic));
        const staged = async (): Promise<number> => {
            const fresh = new TopicWorld(broker(), source(topic));
            await fresh.load([topic], [], 4);
            return fresh.count(`stg_${topic}`);
        };
        // The broker has taken messages out: there are gaps between the offsets.
        await until(
            async () => (await staged()) < 203,
            () => 'a compacted topic',
        );
        await world.load([topic], [], 4);
        await world.ran(['scaffold', '--all']);
        for (const words of [['transform'], ['status'], ['check']]) {
            const ran = await world.ran(words);
            expect(ran.stdout + ran.stderr).not.toMatch(/first contents|never came/);
        }
        const wanted = Array.from({ length: 50 }, (_, id) => ({ id, note: note(3) })).filter(({ id }) => id !== 7);
        expect(world.rows(`select id, note from current_${topic} order by id`)).toEqual([
            ...wanted,
            { id: 50, note: 'n50' },
        ]);
        expect(world.rows('select reason from elt_rejects')).toEqual([{ reason: 'empty-value' }]);
        expect(world.offsets()).toEqual(['compacted/0@204']);
    });

    it('what cannot be decoded is put aside with its place, key and headers; the rest lands', async () => {
        const topic = 'wrong';
        await broker().createTopic(topic);
        await broker().send(topic, [
            row(1),
            { key: 'k2', value: '{"id":2,', headers: { trace: 'abc' } },
            { key: '3', value: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) },
            { key: '4', value: '{"id":"four","note":"x"}' },
            { value: null },
            row(5),
            { key: '6', value: '{"note":"its id is the key"}' },
        ]);
        const world = new TopicWorld(broker(), source(topic));
        const ran = await world.load([topic], [], 4);
        expect(ran.stderr).toContain('RECORDS_REJECTED: 4 ');
        expect(world.rows('select id, note from stg_wrong order by id')).toEqual([
            { id: 1, note: 'n1' },
            { id: 5, note: 'n5' },
            { id: 6, note: 'its id is the key' },
        ]);
        expect(
            world.rows(
                'select reason, message.offset from elt_rejects join elt_topic_rejects as message using (reject_id)',
            ),
        ).toEqual([
            { reason: 'not-json', offset: 1 },
            { reason: 'not-utf8', offset: 2 },
            { reason: 'value-does-not-fit', offset: 3 },
            { reason: 'no-key', offset: 4 },
        ]);
        expect((await world.ran(['rejects'])).stdout).toMatch(/wrong\/0@1 .*not-json/);
        const shown = (await world.ran(['rejects', 'show', '1'])).stdout;
        expect(shown).toMatch(/key +k2\n/);
        expect(shown).toContain('[["trace","abc"]]');
        expect(shown).toContain('{"id":2,');
        // A declaration that takes it.
        writeFileSync(
            join(world.folder, 'sql', 'shop', 'sources', 'wrong.sql'),
            'create table wrong (id text primary key, note text not null);\n',
        );
        await world.elt(['rejects', 'retry']);
        expect(world.rows("select id, note from stg_wrong where id = 'four'")).toEqual([{ id: 'four', note: 'x' }]);
        expect(world.rows("select count(*) as n from elt_rejects where state = 'open'")).toEqual([{ n: 3 }]);
        const strict = new TopicWorld(broker(), source(topic));
        expect((await strict.load([topic], ['--strict'], 3)).stderr).toContain('error RECORD_REJECTED:');
    });

    it.skipIf(disk === null)('a full disk stops, nothing is put aside, and the same command continues', async () => {
        const topic = 'full';
        await broker().createTopic(topic);
        await broker().send(
            topic,
            Array.from({ length: 3_000 }, (_, id) => row(id, 'x'.repeat(300))),
        );
        const world = new TopicWorld(broker(), source(topic));
        await world.ran(['migrate']);
        const words = ['--project', world.folder, '--pipeline', 'shop', 'load', broker().address(topic)];
        const full = await disk?.run(words, world.file, world.folder, { failAt: 40, errno: 28, stays: true });
        expect([full?.status, full?.stderr]).toEqual([7, expect.stringMatching(/error DATABASE_(FULL|IO):/)]);
        expect(world.count('elt_rejects')).toBe(0);
        await world.load([topic]);
        expect(world.rows('select count(*) as n, count(distinct _lsn) as places from stg_full')).toEqual([
            { n: 3_000, places: 3_000 },
        ]);
        await world.ran(['verify']);
    });
});
