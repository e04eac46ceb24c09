import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { hasSearch, searchForTests } from '../support/search-server.ts';
import { pushRounds } from './push-rounds.ts';

/** `npm run push-tests -- --seed N --kills 50` is the long form. */
describe.skipIf(!hasPostgres || !hasSearch)('kill -9 between and inside pushes', () => {
    const cluster = clusterForTests();
    const search = searchForTests();

    test('the next push makes both targets equal to the mart, and PostgreSQL never has a state of its own', async () => {
        const done = await pushRounds({ cluster: cluster(), search: search(), seed: 1, kills: 5 });
        expect([done.kills, done.wrong]).toEqual([5, []]);
    }, 180_000);
});
