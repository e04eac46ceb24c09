import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { compareCurrent, compareStaging } from './compare-current.ts';
import { Coverage } from './coverage.ts';
import type { PostgresTable } from './postgres-rows.ts';
import { Replay } from './replay.ts';

/*
 * A comparison that cannot fail proves nothing. A small database with elt's own control tables, made by hand, equals the
 * stream below; each damage to it must be seen, with table, key and column.
 */
const CONTROL = new URL('../../migrations/control/0001_create_control_tables.sql', import.meta.url);
const TABLE: PostgresTable = {
    schema: 'public',
    name: 'Odd "t"',
    columns: [
        { name: 'id', type: 'bigint' },
        { name: '_seq', type: 'text' },
        { name: 'price', type: 'numeric(5,2)' },
        { name: 'flag', type: 'boolean' },
    ],
    key: ['id'],
};
const STREAM = [
    row('I', [
        ['id', 9223372036854775807n],
        ['_seq', '007'],
        ['price', 5.0],
        ['flag', true],
    ]),
    row('I', [
        ['id', 1n],
        ['_seq', null],
        ['price', null],
        ['flag', false],
    ]),
    row('I', [
        ['id', 2n],
        ['_seq', ''],
        ['price', 0.1],
        ['flag', null],
    ]),
    row('D', [], [['id', 2n]]),
];
const LANDED = `
    insert into elt_relations values ('stg_Odd "t"', 'public', 'Odd "t"', '["id"]', null, 0, 1);
    insert into elt_columns values
        ('stg_Odd "t"', 1, 'id', 'id', 'bigint', 'INTEGER', null), ('stg_Odd "t"', 2, '_seq', 'col_seq', 'text', 'TEXT', null),
        ('stg_Odd "t"', 3, 'price', 'price', 'numeric(5,2)', 'REAL', null), ('stg_Odd "t"', 4, 'flag', 'flag', 'boolean', 'INTEGER', null);
    create table "stg_Odd ""t""" (_op text);
    insert into "stg_Odd ""t""" values ('insert'), ('insert'), ('insert'), ('delete');
    create table "current_Odd ""t""" (id integer, col_seq text, price real, flag integer) strict;
    insert into "current_Odd ""t""" values (9223372036854775807, '007', 5, 1), (1, null, null, 0);`;

describe('compareCurrent and compareStaging', () => {
    const damages: readonly (readonly [string, string, object])[] = [
        ['a row is missing', 'delete from "current_Odd ""t""" where id = 1', { key: '["1"]', got: undefined }],
        ['a row is too many', 'insert into "current_Odd ""t""" (id) values (2)', { key: '["2"]', expected: undefined }],
        [
            'a big integer is rounded',
            'update "current_Odd ""t""" set id = 9223372036854775806 where id > 1',
            { key: '["9223372036854775807"]' },
        ],
        [
            'text became a number',
            'update "current_Odd ""t""" set col_seq = 7 where id > 1',
            { column: '_seq', expected: '007', got: '7' },
        ],
        [
            'null became empty',
            'update "current_Odd ""t""" set col_seq = \'\' where id = 1',
            { column: '_seq', expected: null, got: '' },
        ],
        [
            'a number is off',
            'update "current_Odd ""t""" set price = 5.01 where id > 1',
            { column: 'price', expected: '5.00' },
        ],
        ['a boolean is wrong', 'update "current_Odd ""t""" set flag = 1', { key: '["1"]', column: 'flag' }],
        ['no current table', 'drop table "current_Odd ""t"""', { expected: 'current_Odd "t"' }],
        [
            'a change is lost',
            'delete from "stg_Odd ""t""" where _op = \'delete\'',
            { column: 'deletes', expected: 1, got: 0 },
        ],
        [
            'a change landed twice',
            'insert into "stg_Odd ""t""" values (\'insert\')',
            { column: 'inserts', expected: 3, got: 4 },
        ],
        [
            'the relation was never landed',
            'delete from elt_columns; delete from elt_relations',
            { expected: 'a staging table' },
        ],
    ];

    test('no difference where there is none', () => {
        expect(differences('')).toEqual([]);
    });
    test.each(damages)('seen: %s', (_name, damage, finding) => {
        expect(differences(damage)).toContainEqual(
            expect.objectContaining({ ...finding, table: '"public.Odd \\"t\\""' }),
        );
    });
});

function differences(damage: string) {
    const database = new Database(':memory:');
    database.exec(readFileSync(CONTROL, 'utf8') + LANDED);
    database.exec(damage);
    const replay = new Replay(new Coverage());
    for (const line of STREAM) {
        replay.take(line);
    }
    return [...compareStaging(database, replay, true), ...compareCurrent(database, [TABLE], replay)];
}

type Named = readonly (readonly [string, bigint | number | string | boolean | null])[];

/** A line of format 2; numbers as PostgreSQL writes them, `5` as `5.00`. */
function row(action: string, columns: Named, identity: Named = []): string {
    const list = (values: Named): string => {
        const members = values.map(
            ([name, value]) =>
                `{"name":${JSON.stringify(name)},"value":${typeof value === 'bigint' ? value : typeof value === 'number' ? value.toFixed(2) : JSON.stringify(value)}}`,
        );
        return `[${members.join(',')}]`;
    };
    return `{"action":"${action}","schema":"public","table":"Odd \\"t\\"","columns":${list(columns)},"identity":${list(identity)}}`;
}
