import { Random } from '../../test/support/random.ts';

export type Value = string | number | null;

/** A statement with its values. */
export type Change = readonly [sql: string, values: readonly Value[]];

export const CUSTOMER = 'insert into customer values (?, ?, ?, ?)';
export const PURCHASE = 'insert into purchase values (?, ?, ?, ?, ?)';

const COUNTRIES = ['FI', 'FR', 'GB', 'NO', 'SE'] as const;
const DAYS = 365;

/** Rows of a shop, a fifth of them customers, and its changes. The same seed gives the same rows and changes. */
export class ShopRows {
    readonly customers: readonly (readonly Value[])[];
    readonly purchases: readonly (readonly Value[])[];
    readonly #random: Random;
    /** Keys of the purchases that are there. */
    readonly #keys: number[];
    #lastKey: number;

    constructor(rows: number, seed = 1) {
        this.#random = new Random(seed);
        const customers = Math.round(rows / 5);
        this.customers = Array.from({ length: customers }, (_, index) => this.#customer(index + 1));
        this.#keys = Array.from({ length: rows - customers }, (_, index) => index + 1);
        this.purchases = this.#keys.map((key) => this.#purchase(key));
        this.#lastKey = rows - customers;
    }

    /** Of ten changes about four are new purchases, three updates and two deletes of purchases, one an update of a customer. */
    changes(count: number): readonly Change[] {
        return Array.from({ length: count }, () => this.#change());
    }

    #change(): Change {
        const random = this.#random;
        const what = random.int(1, 10);
        if (what === 1) {
            const [key, , country = null] = this.#customer(random.int(1, this.customers.length));
            return ['update customer set country = ? where customer_id = ?', [country, key as number]];
        }
        if (what <= 5 || this.#keys.length === 0) {
            this.#lastKey++;
            this.#keys.push(this.#lastKey);
            return [PURCHASE, this.#purchase(this.#lastKey)];
        }
        const place = random.int(0, this.#keys.length - 1);
        const key = this.#keys[place] as number;
        if (what <= 8) {
            const [, customer = null, cents = null] = this.#purchase(key);
            return what === 6
                ? ['update purchase set customer_id = ? where purchase_id = ?', [customer, key]]
                : ['update purchase set cents = ? where purchase_id = ?', [cents, key]];
        }
        const last = this.#keys.pop() as number;
        if (last !== key) {
            this.#keys[place] = last;
        }
        return ['delete from purchase where purchase_id = ?', [key]];
    }

    #customer(key: number): readonly Value[] {
        const tags = JSON.stringify({ tier: this.#random.pick(['gold', 'silver', null]), since: 2000 + (key % 25) });
        return [key, `customer ${key}`, this.#random.pick(COUNTRIES), tags];
    }

    /** Of twenty purchases the price of one is not known. */
    #purchase(key: number): readonly Value[] {
        const day = new Date(Date.UTC(2026, 0, this.#random.int(1, DAYS))).toISOString().slice(0, 10);
        const cents = this.#random.chance(5) ? null : this.#random.int(1, 500) * 20;
        return [key, this.#random.int(1, this.customers.length), cents, day, this.#random.pick(['paid', 'open'])];
    }
}
