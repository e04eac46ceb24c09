import type { RandomSource } from '../../core/random-source.ts';
import { sqlLiteral } from '../../sql/literal.ts';
import { quoteName } from '../../sql/quote.ts';
import type { CaseTable } from './case-table.ts';

/** A row as literals of SQL, one for each column of its table. */
export type LiteralRow = readonly string[];

/** Changes to a table whose rows are given, as SQL. The values are those of the case, and keys that it does not have. */
export class RandomChanges {
    readonly #table: CaseTable;
    readonly #given: readonly LiteralRow[];
    readonly #key: readonly number[];
    readonly #random: RandomSource;

    constructor(table: CaseTable, given: readonly (readonly unknown[])[], random: RandomSource) {
        this.#table = table;
        this.#given = given.map(literalRow);
        const key = table.keys[0] ?? [];
        this.#key = key.map((name) => table.columns.findIndex((column) => column.name === name));
        this.#random = random;
    }

    /** One change to what the table holds: a row comes, goes, changes, or gets another key. */
    next(held: readonly LiteralRow[]): string {
        const { below, pick } = this.#random;
        const choice = held.length === 0 ? 0 : below(6);
        switch (choice) {
            case 0:
            case 1:
                return this.#insert(this.#newRow(held));
            case 2:
                return this.#delete(pick(held));
            case 3:
                return this.#rekey(pick(held));
            default:
                return this.#update(pick(held));
        }
    }

    /** Makes the table hold the given rows: what is not among them goes, the others come or are set right. */
    last(held: readonly LiteralRow[]): readonly string[] {
        if (this.#key.length === 0) {
            return [`delete from ${quoteName(this.#table.name)}`, ...this.#given.map((row) => this.#insert(row))];
        }
        const wanted = new Map(this.#given.map((row) => [this.#keyOf(row), row]));
        const known = new Map(held.map((row) => [this.#keyOf(row), row]));
        const gone = held.filter((row) => !wanted.has(this.#keyOf(row))).map((row) => this.#delete(row));
        const written = this.#given.flatMap((row) => {
            const now = known.get(this.#keyOf(row));
            const places = row.flatMap((value, place) => (now !== undefined && now[place] !== value ? [place] : []));
            return now === undefined ? [this.#insert(row)] : places.length > 0 ? [this.#set(now, row, places)] : [];
        });
        return [...this.#shuffled(gone), ...this.#shuffled(written)];
    }

    /** A given row that is not there, or one like it with a key of its own. */
    #newRow(held: readonly LiteralRow[]): LiteralRow {
        const { pick, chance } = this.#random;
        const keys = new Set(held.map((row) => this.#keyOf(row)));
        const missing = this.#given.filter((row) => !keys.has(this.#keyOf(row)));
        if (missing.length > 0 && chance(700)) {
            return pick(missing);
        }
        const like = this.#otherKey(pick(this.#given));
        return like.map((value, place) => (this.#key.includes(place) || chance(500) ? value : this.#anyValue(place)));
    }

    #otherKey(row: LiteralRow): LiteralRow {
        const place = this.#key.length === 0 ? -1 : this.#random.pick(this.#key);
        return row.map((value, index) => (index === place ? otherValue(value, 1 + this.#random.below(9)) : value));
    }

    #anyValue(place: number): string {
        const { below, pick } = this.#random;
        const values = this.#given.map((row) => row[place] ?? 'null');
        const isRequired = this.#table.columns[place]?.isRequired === true;
        return !isRequired && below(values.length + 1) === 0 ? 'null' : pick(values);
    }

    #insert(row: LiteralRow): string {
        const isSaid = row.map((value, place) => value !== 'null' || this.#table.columns[place]?.defaultSql !== null);
        const list = this.#table.columns.filter((_, place) => isSaid[place]).map(({ name }) => quoteName(name));
        const values = row.filter((_, place) => isSaid[place]);
        const rows = list.length === 0 ? 'default values' : `(${list.join(', ')}) values (${values.join(', ')})`;
        return `insert into ${quoteName(this.#table.name)} ${rows}`;
    }

    #delete(row: LiteralRow): string {
        return `delete from ${quoteName(this.#table.name)} where ${this.#where(row)}`;
    }

    #update(row: LiteralRow): string {
        const others = row.map((_, place) => place).filter((place) => !this.#key.includes(place));
        const places = others.filter(() => this.#random.chance(400));
        const chosen = places.length > 0 || others.length === 0 ? places : [this.#random.pick(others)];
        if (chosen.length === 0) {
            return this.#rekey(row);
        }
        return this.#set(
            row,
            row.map((value, place) => (chosen.includes(place) ? this.#anyValue(place) : value)),
            chosen,
        );
    }

    #rekey(row: LiteralRow): string {
        return this.#key.length === 0 ? this.#delete(row) : this.#set(row, this.#otherKey(row), this.#key);
    }

    #set(row: LiteralRow, to: LiteralRow, places: readonly number[]): string {
        const set = places.map((place) => `${this.#name(place)} = ${to[place]}`).join(', ');
        return `update ${quoteName(this.#table.name)} set ${set} where ${this.#where(row)}`;
    }

    #where(row: LiteralRow): string {
        const places = this.#key.length > 0 ? this.#key : row.map((_, place) => place);
        return places.map((place) => `${this.#name(place)} is ${row[place]}`).join(' and ');
    }

    #name(place: number): string {
        return quoteName(this.#table.columns[place]?.name ?? '');
    }

    #keyOf(row: LiteralRow): string {
        return (this.#key.length > 0 ? this.#key : row.map((_, place) => place)).map((place) => row[place]).join();
    }

    #shuffled(items: readonly string[]): readonly string[] {
        const left = [...items];
        return items.map(() => left.splice(this.#random.below(left.length), 1)[0] ?? '');
    }
}

export function literalRow(row: readonly unknown[]): LiteralRow {
    return row.map(sqlLiteral);
}

/** A value of the same type that no case is likely to name. */
function otherValue(literal: string, number: number): string {
    if (/^-?\d+$/.test(literal)) {
        return String(BigInt(literal) + BigInt(1000 * number));
    }
    return literal.startsWith("'") ? `${literal.slice(0, -1)}~${number}'` : `'~${number}'`;
}
