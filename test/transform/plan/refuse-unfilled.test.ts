import { describe, expect, test } from 'vitest';
import { EltError } from '../../../src/core/errors.ts';
import { type ModelFile, modelOf } from '../../../src/project/model-files.ts';
import { refuseUnfilled } from '../../../src/transform/plan/refuse-unfilled.ts';

/** A file that fills nothing named like it would run without an error and leave nothing. */

function found(name: string, text: string, kind: ModelFile['kind'] = 'mart'): EltError | undefined {
    try {
        refuseUnfilled([modelOf(name, kind, `sql/p/marts/${name}.sql`, text)]);
        return undefined;
    } catch (error) {
        if (error instanceof EltError) {
            return error;
        }
        throw error;
    }
}

const FILLED: readonly (readonly [what: string, name: string, text: string])[] = [
    ['a table that it creates', 'e', 'create table if not exists e (x); insert into e select 1;'],
    ['a table of a migration', 'e', 'delete from e; insert into e select 1;'],
    ['an upsert after a with', 'e', 'with a as (select 1 as x) insert into e select x from a where true;'],
    ['a table as a query', 'e', 'drop table if exists e; create table e as select 1 as x;'],
    ['a view', 'e', 'drop view if exists e; create view e as select 1 as x;'],
    ['a name in other case', 'Daily', 'create table if not exists daily (x);'],
    ['a name in quotes', 'odd "one', 'insert into "odd ""one" select 1;'],
    ['a renamed table', 'e', 'create table f as select 1 as x; alter table f rename to e;'],
    ['a trigger that fills it', 'e', 'create trigger t after insert on given begin insert into e select 1; end;'],
    ['two tables, one named like it', 'e', 'create table f (x); create table e (x);'],
];

const UNFILLED: readonly (readonly [what: string, name: string, text: string, says: string])[] = [
    ['an empty file', 'e', '', 'it has no statement'],
    ['a file of comments', 'e', '-- why: later\n', 'it has no statement'],
    [
        'the table of another name',
        'e',
        'create table if not exists revenue (x); insert into revenue select 1;',
        'it fills "revenue"',
    ],
    ['an index only', 'e', 'create index e on given (x);', 'it fills nothing'],
    ['its watermark only', 'e', "insert or ignore into elt_watermarks (model) values ('e');", 'it fills nothing'],
    ['a name that is only a part', 'e', 'create table e_now (x);', 'it fills "e_now"'],
];

describe('a file', () => {
    test.each(FILLED)('fills what it is named after: %s', (_, name, text) => {
        expect(found(name, text)).toBeUndefined();
    });

    test.each(UNFILLED)('is refused: %s', (_, name, text, says) => {
        const error = found(name, text);
        expect([error?.code, error?.exitStatus]).toEqual(['MODEL_UNFILLED', 6]);
        expect(error?.facts.found).toMatch(new RegExp(`^${says};`));
        expect(error?.facts.next).toContain('insert into e select …;');
    });

    test('of views is told how a view is written', () => {
        expect(found('e', '', 'view')?.facts.next).toBe('write:\ndrop view if exists e;\ncreate view e as select …;');
    });
});
