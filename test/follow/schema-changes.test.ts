import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

const SQL = `
    create type mood as enum ('glad', 'sad');
    create type place as (x int, words text);
    create domain share as numeric(5,2) check (value >= 0);
    create domain tag as text;
    create table feelings (id int primary key, mood mood, moods mood[], at place, part share, tags tag[]);
    create table changing (id int primary key, first text, second int, third text);
    create table filled (id int primary key, words text);
    insert into feelings values (1, 'glad', '{sad,glad}', '(1,"a b")', 12.50, '{x,"y z"}');
    insert into changing values (1, 'one', 1, 'three');
    insert into filled values (1, 'a');`;

/** What a source's owner does to types and tables while they are followed. */
describe.skipIf(!hasPostgres)('elt follow and a schema that changes', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;

    beforeAll(async () => {
        world = await FollowWorld.open(cluster(), 'changing_schema', SQL);
        await world.catchUp();
        await world.scaffold();
    });
    afterAll(() => world.close());

    const drifts = (table: string): readonly unknown[] =>
        world.rows(
            'select kind, column_name, was, now from elt_drift where staging_table = ? order by drift_id',
            table,
        );

    it('takes in types that people make: enums, their arrays, composites, domains', async () => {
        await world.session.sql(`insert into feelings values (2, 'sad', '{}', '(,)', 0, '{"a,b"}');`);
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        expect(drifts('stg_feelings')).toEqual([]);
    });

    it('sees no drift in an enum that is renamed or grows', async () => {
        await world.session.sql(`alter type mood rename to temper; alter type temper add value 'calm' before 'sad';
            alter type temper rename value 'glad' to 'happy';`);
        await world.session.sql(
            `insert into feelings values (3, 'calm', '{happy,calm}', null, null, null); update feelings set at = '(2,b)' where id = 1;`,
        );
        await world.catchUp();
        expect(drifts('stg_feelings')).toEqual([]);
        expect(world.rows('select mood, moods from current_feelings where id = 3')).toEqual([
            { mood: 'calm', moods: '{happy,calm}' },
        ]);
        // Where the type is read again, by a connection of another day, it is the same one still.
        await world.session.sql(`insert into feelings values (4, 'sad', null, null, null, null);`);
        await world.catchUp();
        expect(drifts('stg_feelings')).toEqual([]);
    });

    it('records an enum that is dropped and made again under its name as what it is: the same text', async () => {
        await world.session.sql(`begin;
            alter table feelings alter mood type text, alter moods type text[];
            drop type temper; create type temper as enum ('happy', 'calm', 'sad', 'new');
            alter table feelings alter mood type temper using mood::temper, alter moods type temper[] using moods::temper[];
            insert into feelings values (5, 'new', '{new}', null, null, null);
            commit;`);
        await world.catchUp();
        expect(await world.differences()).toEqual([]);
        expect(world.rows('select mood, moods from current_feelings where id = 5')).toEqual([
            { mood: 'new', moods: '{new}' },
        ]);
    });

    it('follows columns that are added, renamed, retyped and dropped inside a transaction, at their places', async () => {
        await world.session.sql(`begin;
            insert into changing values (2, 'two', 2, 'x');
            alter table changing add column fourth numeric;
            insert into changing values (3, 'three', 3, 'x', 3.50);
            alter table changing rename column first to premier;
            insert into changing values (4, 'four', 4, 'x', 4);
            alter table changing alter second type text using second::text || ' s';
            insert into changing values (5, 'five', 'V', 'x', 5);
            alter table changing drop column third;
            insert into changing values (6, 'six', 'VI', 6);
            commit;`);
        await world.catchUp();
        const seen = world.rows<Record<string, unknown>>(
            'select id, first, second, third, fourth, premier from stg_changing order by _seq',
        );
        const row = (id: number, more: object) => ({
            id,
            third: 'x',
            first: null,
            premier: null,
            fourth: null,
            ...more,
        });
        expect(seen).toEqual([
            row(1, { first: 'one', second: 1, third: 'three' }),
            row(2, { first: 'two', second: 2 }),
            row(3, { first: 'three', second: 3, fourth: '3.50' }),
            row(4, { premier: 'four', second: 4, fourth: '4' }),
            row(5, { premier: 'five', second: 'V', fourth: '5' }),
            row(6, { premier: 'six', second: 'VI', fourth: '6', third: null }),
        ]);
        const kinds = world.rows<{ id: number; column_name: string; kind: string }>(
            `select (select id from stg_changing where _seq = elt_drift._seq) as id, column_name, kind from elt_drift
                where staging_table = 'stg_changing' order by drift_id`,
        );
        expect(kinds.map(({ id, column_name: column, kind }) => `${id} ${column} ${kind}`)).toEqual([
            '3 fourth added',
            '4 premier added',
            '4 first dropped',
            '5 second retyped',
            '6 third dropped',
        ]);
    });

    it('lands a column with a default, whose old rows the stream does not tell', async () => {
        await world.session.sql(`alter table filled add column number int not null default 7; insert into filled values (2, 'b');
            update filled set words = 'c' where id = 1;`);
        await world.catchUp();
        expect(world.rows('select id, words, number from current_filled order by id')).toEqual([
            { id: 1, words: 'c', number: 7 },
            { id: 2, words: 'b', number: 7 },
        ]);
    });
});
