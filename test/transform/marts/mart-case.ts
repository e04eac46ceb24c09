import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { MartDefinition } from '../../../src/project/mart-definition.ts';
import type { Database } from '../../../src/sqlite/database.ts';
import type { Filler } from '../../../src/transform/marts/read-schema.ts';
import { PROJECT } from '../../support/elt.ts';
import { Random } from '../../support/random.ts';
import { type RandomSelect, SelectWriter } from './random-select.ts';
import { changeSql, insertSql, type RandomTable, randomTables, tableSql } from './random-tables.ts';

export const CONTROL = readFileSync(join(PROJECT, 'migrations', 'control', '0001_create_control_tables.sql'), 'utf8');

/** Rows of a SELECT that are too many to be compared in a test. */
const ROWS_MAX = 3_000;

/** A mart over random tables in a database of its own, and what happens to the tables. */
export class MartCase {
    readonly database: Database;
    readonly select: RandomSelect;
    readonly columns: readonly string[];
    readonly tables: readonly RandomTable[];
    readonly random: Random;

    /** Undefined where SQLite refuses the SELECT. */
    static create(seed: number): MartCase | undefined {
        const random = new Random(seed);
        const tables = randomTables(random);
        const select = new SelectWriter(tables, random.fork()).write();
        const database = new Sqlite(':memory:');
        database.exec(CONTROL);
        database.exec(tables.map(tableSql).join('\n'));
        const models = tables.map(({ name }) => `('filled_${name}', 1)`);
        database.exec(`insert into elt_watermarks (model, watermark) values ('mart', 0), ${models.join(', ')}`);
        try {
            const columns = database.prepare(select.sql).columns();
            return new MartCase(
                database,
                select,
                columns.map(({ name }) => name),
                tables,
                random,
            );
        } catch {
            database.close();
            return undefined;
        }
    }

    private constructor(
        database: Database,
        select: RandomSelect,
        columns: readonly string[],
        tables: readonly RandomTable[],
        random: Random,
    ) {
        this.database = database;
        this.select = select;
        this.columns = columns;
        this.tables = tables;
        this.random = random;
        for (const table of tables) {
            for (let count = random.int(4, 9); count > 0; count--) {
                database.exec(insertSql(table, random));
            }
        }
        this.#landed();
        this.forgetImages();
    }

    get definition(): MartDefinition {
        const { sql, key } = this.select;
        return {
            file: 'sql/random/marts/mart.sql',
            text: sql,
            statement: { sql, offset: 0, line: 1, kind: 'select', isQuery: true },
            select: sql,
            key,
            types: new Map(),
            isNeverInFull: false,
        };
    }

    get fillers(): ReadonlyMap<string, Filler> {
        const filled = this.tables.filter(({ kind }) => kind !== 'staged');
        return new Map(filled.map(({ name }) => [name, { model: `filled_${name}`, isPlain: false }]));
    }

    /** All rows of the SELECT; undefined: too many. */
    rows(): readonly (readonly unknown[])[] | undefined {
        const rows = this.database
            .prepare(`select * from (${this.select.sql}) limit ${ROWS_MAX + 1}`)
            .raw()
            .safeIntegers()
            .all();
        return rows.length > ROWS_MAX ? undefined : (rows as unknown[][]);
    }

    /** The key of a row as text; undefined if a part of it is null. */
    keyOf(row: readonly unknown[]): string | undefined {
        const values = this.select.key.map((name) => row[this.columns.indexOf(name)]);
        return values.includes(null) ? undefined : textOf(values);
    }

    forgetImages(): void {
        for (const { name } of this.tables.filter(({ kind }) => kind === 'recorded')) {
            this.database.exec(`delete from changed_${name}`);
        }
    }

    /** Some changes, as a run makes them; returns their SQL. */
    change(): readonly string[] {
        const statements = Array.from({ length: this.random.int(1, 5) }, () => {
            const table = this.random.pick(this.tables);
            return { table, sql: changeSql(table, this.random) };
        });
        for (const { sql } of statements) {
            this.database.exec(sql);
        }
        this.#landed();
        // The models of these tables have run.
        for (const { name } of new Set(statements.map(({ table }) => table))) {
            this.database.exec(
                `update elt_watermarks set watermark = (select whole_seq from elt_stream) where model = 'filled_${name}'`,
            );
        }
        return statements.map(({ sql }) => sql);
    }

    /** The mart has taken everything in, as the last statement of its upkeep says. */
    taken(): void {
        this.database.exec(
            "update elt_watermarks set watermark = (select whole_seq from elt_stream) where model = 'mart'",
        );
    }

    #landed(): void {
        const staged = this.tables.find(({ kind }) => kind === 'staged');
        const last = staged === undefined ? '1' : `(select coalesce(max(_seq), 1) from ${staged.name})`;
        this.database.exec(`update elt_stream set last_seq = ${last}, whole_seq = ${last}`);
    }

    close(): void {
        this.database.close();
    }
}

export function textOf(values: readonly unknown[]): string {
    return JSON.stringify(values.map((value) => (typeof value === 'bigint' ? { integer: String(value) } : value)));
}
