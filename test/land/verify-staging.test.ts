import { describe, expect, onTestFinished, test } from 'vitest';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { close, load, migratedDatabase } from '../support/bench-database.ts';

interface Column {
    readonly name: string;
    readonly type: string;
    readonly value: unknown;
}

const column = (name: string, value: unknown, type = 'text'): Column => ({ name, type, value });

function change(action: string, columns: readonly Column[], identity?: readonly Column[]): string {
    const side = identity === undefined ? {} : { identity };
    return JSON.stringify({ action, schema: 'public', table: 't', ...(action === 'D' ? {} : { columns }), ...side });
}

const ROW = [column('a', 'x'), column('b', 'y'), column('c', 7, 'integer')];

/** Streams whose columns do not come in the order in which the staging table got them. */
const CASES: readonly { readonly what: string; readonly lines: readonly string[] }[] = [
    { what: 'columns in another order', lines: [change('I', ROW), change('I', [...ROW].reverse())] },
    {
        what: 'a key column that only the old key shows',
        lines: [change('I', ROW), change('U', ROW.slice(1), [column('a', 'x')])],
    },
    {
        what: 'a delete with its key in another order',
        lines: [change('I', ROW), change('D', [], [ROW[1], ROW[0]] as Column[])],
    },
    {
        what: 'a column that came later, in front',
        lines: [change('I', ROW), change('I', [column('new', '1'), ...ROW])],
    },
    {
        what: 'a column retyped in flight',
        lines: [change('I', ROW), change('I', [...ROW.slice(0, 2), column('c', '007', 'text')]), change('I', ROW)],
    },
    {
        what: 'numbers of every kind',
        lines: [
            change('I', [column('a', 1.5, 'double precision'), column('b', -0, 'real'), column('c', 0, 'bigint')]),
            change('I', [column('a', 1e300, 'double precision'), column('b', 5, 'real'), column('c', null, 'bigint')]),
        ],
    },
];

describe('staged rows are those that the ledger hashed', () => {
    test.each(CASES)('$what', async ({ lines }) => {
        const database = await migratedDatabase('none');
        onTestFinished(() => close(database));
        const result = await load(database, lines.join('\n'));
        expect([result.changes, result.rejected]).toEqual([lines.length, 0]);
        expect(verifyStaging(database)).toEqual([]);
    });

    test.each([
        ['a value', 'update stg_t set b = b || 1 where _seq = 1', { expectedRows: 2, foundRows: 2, differs: true }],
        ['a value moved to another column', 'update stg_t set a = b, b = a where _seq = 1', { differs: true }],
        ['a row gone', 'delete from stg_t where _seq = 2', { expectedRows: 2, foundRows: 1 }],
        ['two rows exchanged', 'update stg_t set _seq = -_seq; update stg_t set _seq = 3 + _seq;', { differs: true }],
        ['an op', "update stg_t set _op = 'update' where _seq = 1", { differs: true }],
        ['an absence', "update stg_t set _absent = ',c,' where _seq = 1", { differs: true }],
    ])('damage is found: %s', async (_, sql, fault) => {
        const database = await migratedDatabase('none');
        onTestFinished(() => close(database));
        await load(database, [change('I', ROW), change('I', [column('a', 'other'), ...ROW.slice(1)])].join('\n'));
        database.exec(sql);
        expect(verifyStaging(database)).toMatchObject([{ loadId: 1, stagingTable: 'stg_t', ...fault }]);
    });
});
