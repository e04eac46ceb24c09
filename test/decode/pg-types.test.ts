import { expect, it } from 'vitest';

import { storageOf } from '../../src/core/storage-types.ts';

const cases: [type: string | null, sqlite: string, rule: string][] = [
    ['smallint', 'INTEGER', 'integer'],
    ['integer', 'INTEGER', 'integer'],
    ['bigint', 'INTEGER', 'integer'],
    ['oid', 'INTEGER', 'integer'],
    ['int2', 'INTEGER', 'integer'],
    ['int8', 'INTEGER', 'integer'],
    ['boolean', 'INTEGER', 'boolean'],
    ['bool', 'INTEGER', 'boolean'],
    ['numeric(15,2)', 'REAL', 'number'],
    ['numeric(3,-5)', 'REAL', 'number'],
    ['numeric(16,2)', 'TEXT', 'numeric'],
    ['numeric(9)', 'REAL', 'number'],
    ['numeric', 'TEXT', 'numeric'],
    ['real', 'REAL', 'number'],
    ['double precision', 'REAL', 'number'],
    ['float8', 'REAL', 'number'],
    ['integer[]', 'TEXT', 'text'],
    ['_int4', 'TEXT', 'text'],
    ['numeric(3,1)[]', 'TEXT', 'text'],
    ['"integer"', 'TEXT', 'text'],
    ['interval', 'TEXT', 'text'],
    ['point', 'TEXT', 'text'],
    ['int4range', 'TEXT', 'text'],
    ['money', 'TEXT', 'text'],
    ['bit(3)', 'TEXT', 'text'],
    ['uuid', 'TEXT', 'text'],
    ['jsonb', 'TEXT', 'text'],
    ['character varying(36)', 'TEXT', 'text'],
    ['bpchar', 'TEXT', 'text'],
    ['toString', 'TEXT', 'text'],
    [null, 'ANY', 'any'],
];

it.each(cases)('%s is %s (%s)', (type, sqlite, rule) => {
    expect(storageOf(type)).toEqual({ sqlite, rule });
});
