import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, until } from '../support/follow-world.ts';

/** Of a database file: how it is written, by its header. Source: https://www.sqlite.org/fileformat2.html#file_format_version_numbers */
const journalOf = (file: string): string | undefined => ['', 'delete', 'wal'][readFileSync(file)[18] ?? 0];

describe.skipIf(!hasPostgres)('the journal in which the first copy of a server lands', () => {
    const cluster = clusterForTests();
    let here: FollowWorld | undefined;
    afterEach(async () => {
        await here?.close();
        here = undefined;
    });

    /** Killed when its table is whole, and followed again. */
    test.each([
        ['a few bytes', 100, 60, 'wal'],
        ['many rows of a few bytes, which fill tables in another journal', 6_000, 1, 'wal'],
        ['many bytes', 12_000, 60, 'delete'],
    ])('%s', async (title, rows, length, expected) => {
        here = await FollowWorld.open(
            cluster(),
            title.replaceAll(/\W/g, '_').slice(0, 20),
            `create table plain (id int primary key, words text);
            insert into plain select i, repeat(md5(i::text), ${length}) from generate_series(1, ${rows}) as i;`,
        );
        const world = here;
        const killed = await world.elt(['follow', '--until-caught-up'], { ELT_FAILPOINT: 'table copied' });
        expect([killed.status, journalOf(world.file)]).toEqual([null, expected]);

        world.follow();
        await world.settled();
        await until(
            () => journalOf(world.file) === 'wal',
            () => 'SQLite WAL',
        );
        expect(world.rows('select count(*) as n from stg_plain')).toEqual([{ n: rows }]);
    });
});
