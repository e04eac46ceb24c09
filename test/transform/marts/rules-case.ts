import Sqlite from 'better-sqlite3';
import type { Database } from '../../../src/sqlite/database.ts';
import { generateUpkeep } from '../../../src/transform/marts/generate-upkeep.ts';
import type { MartUpkeep } from '../../../src/transform/marts/mart-upkeep.ts';
import { CONTROL } from './mart-case.ts';
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

/** The shop with rows that match, rows that do not, and nulls where a foreign key may be null. */
export function shopDatabase(): Database {
    const database = new Sqlite(':memory:');
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
