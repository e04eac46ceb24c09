import { type Database, openDatabase, useSqliteWal } from '../../src/sqlite/database.ts';
import { forgetImages, shopDatabase, upkeepOf } from '../../test/transform/marts/rules-case.ts';
import { freshFile } from '../workshop.ts';
import { type Change, CUSTOMER, PURCHASE, type ShopRows } from './shop-rows.ts';
import type { KeptView, Taken, ViewKeeper } from './view-keeper.ts';

/** As it is after a run: the models of all tables have taken in what has landed, the mart has not. */
const LANDED = `update elt_stream set last_seq = last_seq + 1, whole_seq = last_seq + 1;
    update elt_watermarks set watermark = (select whole_seq from elt_stream) where model <> 'mart';`;

/**
 * The upkeep that `elt` generates, in one transaction with the write: triggers record the rows that it touches, as they
 * were and as they are, and the upkeep begins at these.
 */
export class EltKeeper implements ViewKeeper {
    readonly name = 'elt';
    /** Tables without triggers; what a SELECT over them gives is right. */
    readonly #bare: Database = shopFile('views-bare.db');
    readonly #kept: Database = shopFile('views-elt.db');
    #upkeep = '';
    #select = '';

    constructor() {
        for (const name of triggersOf(this.#bare)) {
            this.#bare.exec(`drop trigger ${name}`);
        }
    }

    async begin(shop: ShopRows, view: KeptView): Promise<number> {
        for (const database of [this.#bare, this.#kept]) {
            run(database, [
                ...shop.customers.map((row): Change => [CUSTOMER, row]),
                ...shop.purchases.map((row): Change => [PURCHASE, row]),
            ]);
        }
        this.#select = view.select;
        this.#upkeep = upkeepOf(this.#kept, view.select, view.key).text;
        return run(this.#kept, [], () => this.#bringUpToDate());
    }

    async take(changes: readonly Change[]): Promise<Taken> {
        forgetImages(this.#kept);
        return {
            bare: run(this.#bare, changes),
            kept: run(this.#kept, changes, () => this.#bringUpToDate()),
        };
    }

    async rows(): Promise<readonly (readonly unknown[])[]> {
        return this.#kept.prepare('select * from mart').raw().all() as unknown[][];
    }

    /** What the view must be. */
    selected(): readonly (readonly unknown[])[] {
        return this.#bare.prepare(this.#select).raw().all() as unknown[][];
    }

    async end(): Promise<void> {
        this.#bare.close();
        this.#kept.close();
    }

    #bringUpToDate(): void {
        this.#kept.exec(LANDED);
        this.#kept.exec(this.#upkeep);
    }
}

function shopFile(name: string): Database {
    const database = openDatabase(freshFile(name), { create: true });
    useSqliteWal(database);
    // What the disk takes is the same with and without a view, and would hide the difference.
    database.pragma('synchronous = off');
    return shopDatabase(database);
}

function triggersOf(database: Database): readonly string[] {
    return database.prepare("select name from sqlite_schema where type = 'trigger'").pluck().all() as string[];
}

/** The seconds of one transaction. */
function run(database: Database, changes: readonly Change[], after: () => void = () => undefined): number {
    const statements = new Map([...new Set(changes.map(([sql]) => sql))].map((sql) => [sql, database.prepare(sql)]));
    const started = performance.now();
    database.exec('begin immediate');
    for (const [sql, values] of changes) {
        statements.get(sql)?.run(...values);
    }
    after();
    database.exec('commit');
    return (performance.now() - started) / 1_000;
}
