import Sqlite from 'better-sqlite3';
import type { Database } from '../../../src/sqlite/database.ts';
import { generateUpkeep } from '../../../src/transform/marts/generate-upkeep.ts';
import type { MartUpkeep } from '../../../src/transform/marts/mart-upkeep.ts';
import { CONTROL, textOf } from './mart-case.ts';
import { tableSql } from './random-tables.ts';

/** A SELECT of one construct over the shop. */
export interface RuleCase {
    readonly construct: string;
    readonly key: string;
    readonly select: string;
    readonly how: string;
    /** Tables that a run reads from end to end, whatever has changed. */
    readonly scanned?: readonly string[];
}

/** A shop: customers with purchases of items, and settings. Landed rows of clicks. */
const TABLES: Readonly<Record<string, Readonly<Record<string, 'integer' | 'text'>>>> = {
    customer: { customer_id: 'integer', name: 'text', country: 'text', tags: 'text' },
    purchase: { purchase_id: 'integer', customer_id: 'integer', cents: 'integer', day: 'text', status: 'text' },
    item: { item_id: 'integer', purchase_id: 'integer', sku: 'text', quantity: 'integer' },
    setting: { name: 'text', value: 'integer' },
};

/** The empty tables of the shop, in memory if no other database is given. */
export function shopDatabase(database: Database = new Sqlite(':memory:')): Database {
    database.exec(CONTROL);
    for (const [name, columns] of Object.entries(TABLES)) {
        const described = Object.entries(columns).map(([column, type], index) => ({
            name: column,
            type,
            isKey: index === 0,
            isRequired: index === 0,
        }));
        database.exec(tableSql({ name, kind: 'recorded', columns: described }));
        database.exec(`insert into elt_watermarks (model, watermark) values ('filled_${name}', 0)`);
    }
    database.exec(`create table stg_click (_seq integer primary key, page text, purchase_id integer) strict;
        create table countries (code text collate nocase, label text) strict;
        create table allowed (customer_id integer) strict;
        create view paid as select * from purchase where status = 'paid';
        insert into elt_watermarks (model, watermark) values ('mart', 0);`);
    return database;
}

/** The upkeep of a SELECT over the shop. */
export function upkeepOf(database: Database, select: string, key: string): MartUpkeep {
    const tables = Object.keys(TABLES);
    return generateUpkeep({
        name: 'mart',
        definition: {
            file: 'sql/shop/marts/mart.sql',
            text: select,
            statement: { sql: select, offset: 0, line: 1, kind: 'select', isQuery: true },
            select,
            key: key.split(', '),
            types: new Map(),
            isNeverInFull: false,
        },
        database,
        fillers: new Map(tables.map((name) => [name, { model: `filled_${name}`, isPlain: false }])),
        images: undefined,
        isMigrated: false,
    });
}

/** Rows come, change, move to other keys, lose what they join, and go. */
export const HISTORY: readonly string[] = [
    `insert into customer values (1, 'Ada', 'GB', '["a","b"]'), (2, 'Linus', 'FI', '[]'), (3, 'Grace', null, null), (5, 'Eve', null, null), (6, 'Fay', null, null);
    insert into purchase values (10, 1, 500, '2026-01-05', 'paid'), (11, 1, 700, '2026-02-01', 'open'), (12, 2, 500, '2026-02-03', 'paid'), (14, 2, 50, '2026-03-03', null);
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
    "update customer set name = 'Zoe' where customer_id = 5",
    'update purchase set cents = 60 where purchase_id = 14',
    'delete from customer where customer_id = 2',
    'delete from item where true; delete from purchase where true; delete from customer where true',
];

/** What has landed is whole, and the models of all tables have run. */
export function landed(database: Database): void {
    database.exec(`update elt_stream
        set last_seq = (select coalesce(max(_seq), 0) from stg_click), whole_seq = (select coalesce(max(_seq), 0) from stg_click);
        update elt_watermarks set watermark = (select whole_seq from elt_stream) where model <> 'mart';`);
}

export function forgetImages(database: Database): void {
    for (const name of ['customer', 'purchase', 'item', 'setting']) {
        database.exec(`delete from changed_${name}`);
    }
}

export function rowsOf(database: Database, select: string): readonly string[] {
    return database
        .prepare(select)
        .raw()
        .all()
        .map((row) => textOf(row as unknown[]))
        .sort();
}

/** What goes wrong along the history; null: all is well. */
export function problemOf({ select, key }: RuleCase): string | null {
    const database = shopDatabase();
    try {
        const upkeep = upkeepOf(database, select, key);
        for (const changes of HISTORY) {
            database.exec(changes);
            landed(database);
            database.exec(upkeep.text);
            if (rowsOf(database, 'select * from mart').join() !== rowsOf(database, select).join()) {
                return `after ${changes}`;
            }
            forgetImages(database);
        }
        return null;
    } catch (error) {
        return String(error);
    } finally {
        database.close();
    }
}
