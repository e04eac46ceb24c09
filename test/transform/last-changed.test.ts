import { expect, onTestFinished, test } from 'vitest';
import { readCatalogue } from '../../src/ledger/catalogue.ts';
import { modelOf } from '../../src/project/model-files.ts';
import { relationOf, specOf } from '../../src/transform/current/current-file.ts';
import { currentSql } from '../../src/transform/current/current-sql.ts';
import { currentTests } from '../../src/transform/current/current-test-sql.ts';
import { close, load, migratedDatabase, runByHand } from '../support/bench-database.ts';

/** The data test of a current table that compares its keys with staging. */

const HEAD = '-- row: one account\n-- relation: public.account\n-- key: id\n';

const facts = { schema: 'public', table: 'account' };
const columns = (id: number) => ({
    columnnames: ['id', 'note'],
    columntypes: ['integer', 'text'],
    columnvalues: [id, 'n'],
});
const oldkeys = (id: number) => ({ oldkeys: { keynames: ['id'], keytypes: ['integer'], keyvalues: [id] } });
const insert = (id: number) => ({ kind: 'insert', ...facts, ...columns(id) });
const update = (id: number, from = id) => ({ kind: 'update', ...facts, ...columns(id), ...oldkeys(from) });
const remove = (id: number) => ({ kind: 'delete', ...facts, ...oldkeys(id) });
const truncate = { action: 'T', ...facts };

const LOSE_2 = 'delete from current_account where id = 2';
const KEEP_2 = `insert into current_account (id, note) values (2, 'n')`;

test.each([
    ['inserts', [insert(1), insert(2)], '', []],
    ['an insert that is not there', [insert(1), insert(2), insert(3)], LOSE_2, [2]],
    [
        'one that is there under another key',
        [insert(1), insert(2)],
        'update current_account set id = 5 where id = 2',
        [2],
    ],
    ['all inserts', [insert(1), insert(2)], 'delete from current_account', [1, 2]],
    ['updates', [insert(1), insert(2), update(2)], '', []],
    ['an update that is not there', [insert(1), insert(2), update(2)], LOSE_2, [2]],
    ['a delete', [insert(1), insert(2), remove(2)], '', []],
    ['a delete that is there', [insert(1), insert(2), remove(2)], KEEP_2, [2]],
    ['a delete of what was never there', [insert(1), remove(2)], KEEP_2, [2]],
    ['one that came again', [insert(2), remove(2), insert(2)], '', []],
    ['one that came again and is not there', [insert(2), remove(2), insert(2)], LOSE_2, [2]],
    ['a new key', [insert(1), insert(2), update(3, 2)], '', []],
    ['a new key, whose old one is there', [insert(1), insert(2), update(3, 2)], KEEP_2, [2]],
    ['a new key that is not there', [insert(1), update(2, 1)], LOSE_2, [2]],
    ['a truncate', [insert(2), truncate, insert(1)], '', []],
    ['one that is not there behind a truncate', [insert(1), truncate, insert(2)], LOSE_2, [2]],
] as const)('%s', async (_, changes, spoil, expected) => {
    const database = await migratedDatabase('payments_v1');
    onTestFinished(() => close(database));
    const lines = changes.map((change) => JSON.stringify('kind' in change ? { change: [change] } : change));
    await load(database, lines.join('\n'));
    const model = modelOf('current_account', 'current', 'account.sql', `${HEAD}\nselect 1;`);
    const relation = relationOf(model, readCatalogue(database));
    const spec = relation && specOf(model, relation, { stale: [], presumed: [], firstThatLacks: () => undefined });
    if (spec === undefined) {
        throw new Error('the catalogue has no account');
    }
    runByHand(database, currentSql(spec));
    database.exec(spoil);
    const sql = currentTests(spec).find(({ badThing }) => badThing === 'not_as_last_changed')?.sql ?? '';
    const found = database.prepare(sql).all() as { id: number }[];
    expect(found.map(({ id }) => id)).toEqual(expected);
});
