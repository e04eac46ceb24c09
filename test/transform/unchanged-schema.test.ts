import { describe, expect, test } from 'vitest';
import { splitStatements } from '../../src/sql/statements.ts';
import { openDatabase } from '../../src/sqlite/database.ts';
import { isUnchangedSchema } from '../../src/transform/unchanged-schema.ts';

/** A file as a scaffold writes it: tables, their triggers, and a view that is written to. */
const FILE = `create table if not exists t (a integer);
create unique index if not exists key_t on t (a);
drop trigger if exists t_inserted;
create trigger t_inserted after insert on t begin select 1; end;
-- How a change is folded in.
drop view if exists v;
create view v as
select a -- as it is
from t ;
create trigger v_insert instead of insert on v begin insert into t values (new.a); end;
insert into v values (1);
`;

/** The answer for `file` after `before` and then `since` were run. */
function answer(before: string, since: string, file: string): boolean {
    const database = openDatabase(':memory:', { create: true });
    database.exec(before);
    database.exec(since);
    return isUnchangedSchema(database, splitStatements(file, 'file.sql'));
}

describe('what a file creates exists already', () => {
    test('as the previous run left it', () => {
        expect(answer(FILE, '', FILE)).toBe(true);
        expect(answer(FILE, 'alter table t add column b text; insert into t (a) values (2)', FILE)).toBe(true);
    });

    test('names in quotes', () => {
        const file = 'drop view if exists "w x"; create view "w x" as select 1;';
        expect(answer(file, '', file)).toBe(true);
        expect(answer(file, '', file.replace('select 1', 'select 2'))).toBe(false);
    });

    test('a file that creates nothing', () => {
        expect(answer('create table t (a)', '', 'delete from t; insert into t values (1);')).toBe(true);
    });

    test.each([
        ['a view is gone', 'drop view v', FILE],
        ['a trigger is gone', 'drop trigger t_inserted', FILE],
        ['a trigger of the view is gone', 'drop trigger v_insert', FILE],
        ['a table is gone', 'drop table t', FILE],
        ['an index is gone', 'drop index key_t', FILE],
        ['a trigger was added to the view', 'create trigger x instead of delete on v begin select 1; end', FILE],
        ['the view says something else', '', FILE.replace('select a', 'select a + 1 as a')],
        ['a comment inside differs', '', FILE.replace('as it is', 'as it was')],
        ['a trigger does something else', '', FILE.replace('select 1', 'select 2')],
        ['the trigger is created after a change', '', FILE.replace('t_inserted;\n', 't_inserted;\ndelete from t;\n')],
        ['a view is dropped for good', '', `${FILE}drop view if exists v;`],
        ['a view is created although it exists', '', FILE.replace('drop view if exists v;', '')],
        ['a table is created although it exists', '', FILE.replace('table if not exists', 'table')],
        ['a table is dropped', '', `drop table if exists t;${FILE}`],
        ['a temporary view', '', `${FILE}create temp view w as select 1;`],
        ['a view in another schema', '', FILE.replace('create view v', 'create view temp.v')],
        ['a view dropped in another schema', '', FILE.replace('drop view if exists v', 'drop view if exists temp.v')],
        ['another statement about the schema', '', `${FILE}alter table t add column c;`],
    ])('no: %s', (_, since, file) => {
        expect(answer(FILE, since, file)).toBe(false);
    });
});
