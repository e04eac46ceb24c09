import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { runWorlds } from './run-worlds.ts';

/*
 * A short run of `npm run oracle`: a fixed list of seeds, both pipelines in both formats. The long run, with the demand
 * that every case of the coverage table occurs, is the script's.
 */
describe.skipIf(!hasPostgres)('what elt makes of the stream is what PostgreSQL has', () => {
    const cluster = clusterForTests();

    test.each([0, 1, 2, 3, 4, 5, 6, 7])('seed %i', { timeout: 240_000 }, async (seed) => {
        const result = await runWorlds(cluster(), { seed, rounds: 4, withElt: true });
        expect(result.failures).toEqual([]);
    });

    test.each([1, 2, 3, 5])('through a slot, killed now and then: seed %i', { timeout: 240_000 }, async (seed) => {
        const result = await runWorlds(cluster(), { seed, rounds: 4, withElt: true, live: true });
        expect(result.failures).toEqual([]);
    });
});
