import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src/sqlite/database.ts';
import { explainQuestion } from '../../../src/transform/marts/find-scans.ts';
import { JOIN_CASES } from './join-cases.ts';
import { textOf } from './mart-case.ts';
import { ROW_CASES } from './row-cases.ts';
import { shopDatabase, upkeepOf } from './rules-case.ts';

/** How each construct of a SELECT is kept up to date, in words; and that its upkeep is right along a history. */

/** Rows come, change, move to other keys, lose what they join, and go. */
const HISTORY: readonly string[] = [
    `insert into customer values (1, 'Ada', 'GB', '["a","b"]'), (2, 'Linus', 'FI', '[]'), (3, 'Grace', null, null);
    insert into purchase values (10, 1, 500, '2026-01-05', 'paid'), (11, 1, 700, '2026-02-01', 'open'), (12, 2, 500, '2026-02-03', 'paid');
    insert into item values (100, 10, 's1', 2), (101, 10, 's2', 1), (102, 12, 's1', 4);
    insert into setting values ('limit', 400), ('paid', 500);
    insert into countries values ('GB', 'Britain'), ('fi', 'Finland');
    insert into allowed values (1), (3);
    insert into stg_click values (1, 'home', 10), (2, 'home', null);`,
    'update purchase set customer_id = 3, cents = 900 where purchase_id = 10',
    "update customer set country = 'gb' where customer_id = 3; insert into item values (103, 11, 's1', 1)",
    "update customer set country = 'fi' where country = 'GB'; update setting set value = 800 where name = 'limit'",
    "delete from item where item_id = 101; update purchase set status = 'paid', day = '2026-01-31' where purchase_id = 11",
    "insert into stg_click values (3, 'cart', 12), (4, 'home', 11); update purchase set customer_id = null where purchase_id = 12",
    'update customer set customer_id = 4 where customer_id = 1; update purchase set customer_id = 4 where customer_id = 3',
    "insert into purchase values (13, 2, 100, '2026-03-01', 'void'); update item set purchase_id = 13, sku = 's3' where item_id = 100",
    `update customer set tags = '["b","c"]'; delete from setting where name = 'limit'`,
    'delete from purchase where purchase_id = 10',
    'delete from customer where customer_id = 2; delete from item where true',
    'delete from purchase where true',
];

describe('how a mart is kept up to date', () => {
    test.each([...JOIN_CASES, ...ROW_CASES])('$construct', ({ select, key, how, scanned = [] }) => {
        const database = shopDatabase();
        const upkeep = upkeepOf(database, select, key);
        expect(upkeep.how.text).toBe(how);
        for (const changes of HISTORY) {
            database.exec(changes);
            landed(database);
            database.exec(upkeep.text);
            expect(rowsOf(database, 'select * from mart'), changes).toEqual(rowsOf(database, select));
            for (const { badThing, sql } of upkeep.tests) {
                expect(database.prepare(sql).all(), badThing).toEqual([]);
            }
            forgetImages(database);
        }
        const plans = upkeep.questions.map((question) => explainQuestion(database, question));
        expect([...new Set(plans.flatMap((plan) => plan.scanned))]).toEqual(scanned);
        database.close();
    });
});

/** What has landed is whole, and the models of all tables have run. */
function landed(database: Database): void {
    database.exec(`update elt_stream
        set last_seq = (select coalesce(max(_seq), 0) from stg_click), whole_seq = (select coalesce(max(_seq), 0) from stg_click);
        update elt_watermarks set watermark = (select whole_seq from elt_stream) where model <> 'mart';`);
}

function forgetImages(database: Database): void {
    for (const name of ['customer', 'purchase', 'item', 'setting']) {
        database.exec(`delete from changed_${name}`);
    }
}

function rowsOf(database: Database, select: string): readonly string[] {
    return database
        .prepare(select)
        .raw()
        .all()
        .map((row) => textOf(row as unknown[]))
        .sort();
}
