import { describe, expect, it, onTestFinished } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { LARGE_TABLE, largeTransaction } from './large-transaction.ts';

describe.skipIf(!hasPostgres)('one large transaction', () => {
    const cluster = clusterForTests();

    it('lands as one, in memory that does not grow with it, while others read; one that is rolled back does not', async () => {
        const world = await FollowWorld.open(cluster(), 'large', LARGE_TABLE);
        onTestFinished(() => world.close());
        await world.catchUp();
        await world.scaffold();
        const { memoryMb, seen, rows } = await largeTransaction(world, 60);
        expect(seen).toEqual([100, rows + 100]);
        // Of 60 MB, and of a gigabyte: see `npm run follow-tests`.
        expect(memoryMb).toBeLessThan(200);
        expect(world.rows('select count(*) as n from stg_large where id < 0')).toEqual([{ n: 0 }]);
        expect(world.rows('select count(distinct _xid) as n from stg_large where _xid is not null')).toEqual([
            { n: 1 },
        ]);
    });
});
