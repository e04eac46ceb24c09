import { freshFile } from '../workshop.ts';
import { type Change, CUSTOMER, PURCHASE, type ShopRows } from './shop-rows.ts';
import { TursoProcess } from './turso-process.ts';
import type { KeptView, Taken, ViewKeeper } from './view-keeper.ts';

/** The tables of the shop, as Turso's users would declare them. */
export const SHOP_TABLES: readonly string[] = [
    'create table customer (customer_id integer primary key, name text, country text, tags text)',
    'create table purchase (purchase_id integer primary key, customer_id integer, cents integer, day text, status text)',
    'create table item (item_id integer primary key, purchase_id integer, sku text, quantity integer)',
    'create table setting (name text primary key, value integer)',
    'create table countries (code text, label text)',
    'create table allowed (customer_id integer)',
    'create table stg_click (_seq integer primary key, page text, purchase_id integer)',
];

/** Changes in one transaction of the first fill. */
const FILL_ROWS = 10_000;

/** A materialized view of Turso, which its commits keep up to date. */
export class TursoKeeper implements ViewKeeper {
    readonly name = 'Turso';
    readonly #process = new TursoProcess();

    async begin(shop: ShopRows, view: KeptView): Promise<number> {
        for (const name of ['bare', 'kept']) {
            await this.#process.ask({ op: 'open', name, file: freshFile(`views-turso-${name}.db`) });
            await this.#process.ask({ op: 'execute', name, statements: ['pragma synchronous = off', ...SHOP_TABLES] });
            await this.#fill(name, CUSTOMER, shop.customers);
            await this.#fill(name, PURCHASE, shop.purchases);
        }
        const statements = [`create materialized view kept as ${view.select}`];
        return (await this.#process.ask({ op: 'execute', name: 'kept', statements })).seconds ?? Number.NaN;
    }

    async take(changes: readonly Change[]): Promise<Taken> {
        const seconds = async (name: string): Promise<number> =>
            (await this.#process.ask({ op: 'take', name, changes })).seconds ?? Number.NaN;
        return { bare: await seconds('bare'), kept: await seconds('kept') };
    }

    async rows(): Promise<readonly (readonly unknown[])[]> {
        return (await this.#process.ask({ op: 'rows', name: 'kept', sql: 'select * from kept' })).rows ?? [];
    }

    async end(): Promise<void> {
        await this.#process.end();
    }

    async #fill(name: string, sql: string, rows: readonly unknown[]): Promise<void> {
        for (let from = 0; from < rows.length; from += FILL_ROWS) {
            await this.#process.ask({ op: 'fill', name, sql, rows: rows.slice(from, from + FILL_ROWS) });
        }
    }
}
