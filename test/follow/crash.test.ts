import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { Random } from '../support/random.ts';
import { BEFORE_STREAM, IN_STREAM, killedAt, killedAtRandom, losses } from './killed-follower.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/** Killed with a signal that cannot be caught, while three sessions write: in the end everything is there, once. */

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
            await killedAt(world, place);
            // Half a copy is nobody's to see.
            expect(world.rows('select whole_seq from elt_stream')).toEqual([{ whole_seq: 0 }]);
        }
        // The next one says what it does again.
        expect((await world.catchUp()).stderr).toMatch(/the copy was cut short: .* copied from the beginning/);
        await world.scaffold();
        for (const place of IN_STREAM) {
            await killedAt(world, place);
        }
        for (let kill = 0; kill < RANDOM_KILLS; kill++) {
            await killedAtRandom(world, random);
        }
        await writers.stop();
        await world.catchUp();
        expect(writers.transactions).toBeGreaterThan(200);
        expect(await losses(world)).toEqual([]);
        expect(await world.session.sql('select count(*) from pg_replication_slots where not active;')).toBe('1');
    });
});
