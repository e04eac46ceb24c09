import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { Random } from '../support/random.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/** Killed with a signal that cannot be caught, while three sessions write: in the end everything is there, once. */

const BEFORE_STREAM = ['source intended', 'publications created', 'slot created', 'slot stored', 'table copied'];
const IN_STREAM = ['landed', 'transformed', 'committed'];
const RANDOM_KILLS = 6;

describe.skipIf(!hasPostgres)('elt follow, killed', () => {
    const cluster = clusterForTests();

    it('at every place where a crash is hard to survive, and at random', async () => {
        const seed = 7;
        const random = new Random(seed);
        const world = await FollowWorld.open(cluster(), 'killed', WRITTEN_TABLES);
        const writers = new Writers(cluster(), world.name);
        onTestFinished(async () => {
            await writers.close();
            await world.close();
        });
        writers.start(seed);
        for (const place of BEFORE_STREAM) {
            const killed = await world.follow([], { ELT_FAILPOINT: place }).ended();
            expect([place, killed.signal, killed.stderr]).toEqual([place, 'SIGKILL', expect.any(String)]);
            // Half a copy is nobody's to see.
            expect(world.rows('select whole_seq from elt_stream')).toEqual([{ whole_seq: 0 }]);
        }
        await world.catchUp();
        await world.scaffold();
        for (const place of IN_STREAM) {
            const killed = await world.follow([], { ELT_FAILPOINT: place }).ended();
            expect([place, killed.signal]).toEqual([place, 'SIGKILL']);
        }
        for (let kill = 0; kill < RANDOM_KILLS; kill++) {
            const following = world.follow();
            await sleep(random.int(300, 1_800));
            await following.stop('SIGKILL');
        }
        await writers.stop();
        await world.catchUp();
        expect(writers.transactions).toBeGreaterThan(200);
        expect(await world.differences()).toEqual([]);
        const [staged, distinct, source] = await world.grown('ledger');
        expect([staged, distinct]).toEqual([source, source]);
        await world.ran(['verify']);
        expect(await world.session.sql('select count(*) from pg_replication_slots where not active;')).toBe('1');
    });
});
