import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, PIPELINE, until } from '../support/follow-world.ts';

/** A mart that counts as long as it takes: SQLite says nothing meanwhile, and cannot be asked to stop. */
const counting = (steps: number) => `-- row: how many rows there are
create table if not exists slow (n integer, steps integer) strict;
delete from slow;
insert into slow
with recursive counter (step) as (
    select 1
    union all
    select step + 1 from counter where step < ${steps}
)
select (select count(*) from current_plain), count(*) from counter;
`;
const MANY = 40_000_000;

describe.skipIf(!hasPostgres)('elt follow and a transform of many seconds', () => {
    const cluster = clusterForTests();
    let here: FollowWorld | undefined;
    afterEach(async () => {
        await here?.close();
    });

    function mart(world: FollowWorld, steps: number): void {
        const folder = join(world.folder, 'sql', PIPELINE, 'marts');
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'slow.sql'), counting(steps));
    }

    it.each(['SIGINT', 'SIGTERM'] as const)('ends within two seconds of %s, and keeps its place', async (signal) => {
        const name = `slow_${signal.toLowerCase()}`;
        here = await FollowWorld.open(
            cluster(),
            name,
            'create table plain (id int primary key); insert into plain values (0);',
        );
        const world = here;
        await world.catchUp();
        await world.scaffold();
        mart(world, 10);
        const following = world.follow();
        await following.says('following');
        await world.session.sql('insert into plain values (1);');
        await until(
            () => world.rows<{ n: number }>('select n from slow')[0]?.n === 2,
            () => `the mart\n${following.printed}`,
        );
        mart(world, MANY);
        const place = 'select end_lsn from elt_sources';
        await world.session.sql('insert into plain values (2);');
        await sleep(1_500);
        const before = world.rows(place);
        expect(world.rows('select n from slow')).toEqual([{ n: 2 }]);
        expect(await following.stop(signal)).toBeLessThan(2_000);
        expect(world.rows(place)).toEqual(before);
        expect(world.rows('select n from slow')).toEqual([{ n: 2 }]);
        await until(
            async () =>
                (await world.session.sql(`select active from pg_replication_slots where database = '${name}';`)) ===
                'f',
            () => 'the slot to be let go',
        );
        mart(world, 10);
        await world.catchUp();
        expect(world.rows('select n from slow')).toEqual([{ n: 3 }]);
        expect(world.rows('select id from stg_plain order by _seq')).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
    });
});
