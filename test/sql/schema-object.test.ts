import { describe, expect, test } from 'vitest';
import { createdObject, droppedObject, type SchemaObject } from '../../src/sql/schema-object.ts';

const PLAIN = { schema: '', modifier: '', isConditional: false };

describe('what a statement creates', () => {
    const cases: readonly (readonly [sql: string, created: Omit<SchemaObject, 'nameOffset'> | undefined])[] = [
        ['create table t (a)', { ...PLAIN, type: 'table', name: 't' }],
        ['CREATE TABLE t (a)', { ...PLAIN, type: 'table', name: 't' }],
        ['create /* c */ table -- x\nt (a)', { ...PLAIN, type: 'table', name: 't' }],
        ['create table if not exists t (a)', { ...PLAIN, type: 'table', name: 't', isConditional: true }],
        ['create table main.t (a)', { ...PLAIN, type: 'table', name: 't', schema: 'main' }],
        ['create table "odd ""name" (a)', { ...PLAIN, type: 'table', name: 'odd "name' }],
        ['create temp view v as select 1', { ...PLAIN, type: 'view', name: 'v', modifier: 'temp' }],
        [
            'create temporary table if not exists temp . [t] (a)',
            { type: 'table', name: 't', schema: 'temp', modifier: 'temporary', isConditional: true },
        ],
        ['create virtual table f using fts5(a)', { ...PLAIN, type: 'table', name: 'f', modifier: 'virtual' }],
        ['create unique index i on t (a)', { ...PLAIN, type: 'index', name: 'i', modifier: 'unique' }],
        ['create trigger g after insert on t begin select 1; end', { ...PLAIN, type: 'trigger', name: 'g' }],
        ['create', undefined],
        ['create table', undefined],
        ['select table t', undefined],
        ['drop table t', undefined],
    ];
    test.each(cases)('%s', (sql, expected) => {
        const created = createdObject(sql);
        expect(created).toEqual(expected === undefined ? undefined : expect.objectContaining(expected));
        if (created !== undefined) {
            expect(sql.slice(created.nameOffset)).toMatch(/^(?:[a-z]|"odd|\[t)/);
        }
    });
});

describe('what a statement drops', () => {
    test.each([
        ['drop view v', { ...PLAIN, type: 'view', name: 'v' }],
        ['drop view if exists main.v;', { ...PLAIN, type: 'view', name: 'v', schema: 'main', isConditional: true }],
        ['create view v as select 1', undefined],
    ])('%s', (sql, expected) => {
        const dropped = droppedObject(sql);
        expect(dropped).toEqual(expected === undefined ? undefined : expect.objectContaining(expected));
    });
});
