import type { Random } from '../../support/random.ts';
import { columnOf, condition, conditionOnNulls, integer, type Source, weighted } from './random-expression.ts';
import { type From, joined, withDocument } from './random-from.ts';
import { aggregated, grouped, plainColumns, type Query, total, windowed } from './random-rows.ts';
import type { RandomColumn, RandomTable } from './random-tables.ts';

/** A SELECT with a key for its rows. */
export interface RandomSelect {
    readonly sql: string;
    readonly columns: readonly RandomColumn[];
    readonly key: readonly string[];
}

/** Writes random SELECTs that hold every construct of the rules; what decides over nulls comes more often than in life. */
export class SelectWriter {
    readonly #random: Random;
    readonly #tables: readonly RandomTable[];
    readonly #ctes: Source[] = [];
    #aliases = 0;

    constructor(tables: readonly RandomTable[], random: Random) {
        this.#tables = tables;
        this.#random = random;
    }

    write(): RandomSelect {
        const random = this.#random;
        const withs: string[] = [];
        for (let count = random.chance(40) ? random.int(1, 2) : 0; count > 0; count--) {
            withs.push(this.#cte(`w${withs.length}`));
        }
        if (random.chance(4)) {
            withs.push(this.#recursive());
        }
        const { sql, columns, plain } = this.#query(2, true);
        const recursive = withs.some((one) => one.startsWith('rec')) ? 'recursive ' : '';
        const head = withs.length === 0 ? '' : `with ${recursive}${withs.join(', ')} `;
        return { sql: head + sql, columns, key: this.#key(columns, plain) };
    }

    /** Mostly columns of rows; of two tables more often than in life. */
    #key(columns: readonly RandomColumn[], plain: ReadonlySet<string>): readonly string[] {
        const random = this.#random;
        const names = columns.map(({ name }) => name);
        const easy = names.filter((name) => plain.has(name));
        const texts = columns.flatMap(({ name, type }) => (type === 'text' && plain.has(name) ? [name] : []));
        if (texts.length > 0 && random.chance(12)) {
            return random.sample(texts, 1);
        }
        const from = easy.length > 0 && random.chance(93) ? easy : names;
        return random.sample(from, Math.min(from.length, random.chance(50) ? 2 : 1));
    }

    #cte(name: string): string {
        const { sql, columns } = this.#query(1, false);
        const hint = this.#random.pick(['', '', 'materialized ', 'not materialized ']);
        const renamed = this.#random.chance(15)
            ? columns.map((column, index) => ({ ...column, name: `r${index}` }))
            : columns;
        this.#ctes.push({ sql: name, alias: name, columns: renamed });
        const list = renamed === columns ? '' : `(${renamed.map((column) => column.name).join(', ')})`;
        return `${name}${list} as ${hint}(${sql})`;
    }

    #recursive(): string {
        const random = this.#random;
        const [from, step] = [random.pick(this.#tables), random.pick(this.#tables)];
        const column = (table: RandomTable): string =>
            random.pick(table.columns.filter(({ type }) => type === 'integer')).name;
        const columns = ['c0', 'c1'].map((name) => ({
            name,
            type: 'integer' as const,
            isKey: false,
            isRequired: false,
        }));
        this.#ctes.push({ sql: 'rec', alias: 'rec', columns });
        return `rec(c0, c1) as (select ${column(from)}, ${column(from)} from ${from.name} union select rec.c0, u.${column(step)} from rec join ${step.name} as u on u.${column(step)} = rec.c1)`;
    }

    #alias(): string {
        return `a${this.#aliases++}`;
    }

    #source(depth: number): Source {
        const random = this.#random;
        const alias = this.#alias();
        if (this.#ctes.length > 0 && random.chance(35)) {
            const cte = random.pick(this.#ctes);
            return { sql: `${cte.sql} as ${alias}`, alias, columns: cte.columns };
        }
        if (depth > 0 && random.chance(28)) {
            const query = this.#query(depth - 1, false);
            return { sql: `(${query.sql}) as ${alias}`, alias, columns: query.columns };
        }
        const table = random.pick(this.#tables);
        return { sql: `${table.name} as ${alias}`, alias, columns: table.columns };
    }

    #from(count: number, depth: number): From {
        const random = this.#random;
        const first = this.#source(depth);
        let from: From = { sql: first.sql, scope: [first], nullable: [], merged: [] };
        for (let left = count - 1; left > 0; left--) {
            from = random.chance(6)
                ? withDocument(from, this.#alias(), random)
                : joined(from, this.#source(depth), random);
        }
        return from;
    }

    /** Conditions of a subquery; `outer` connects it with the row that asks. */
    #inside(inner: readonly Source[], outer: readonly Source[]): readonly string[] {
        const random = this.#random;
        const count = outer.length > 0 ? random.int(1, 2) : random.int(0, 1);
        return Array.from({ length: count }, () => {
            const [left, right] = [columnOf(inner, 'integer', random), columnOf(outer, 'integer', random)];
            return left !== undefined && right !== undefined && random.chance(80)
                ? `${left.sql} ${random.pick(['=', '=', '=', 'is', '>', '<'])} ${right.sql}`
                : condition(inner, random);
        });
    }

    #scalar(scope: readonly Source[], depth: number): string {
        const random = this.#random;
        const from = this.#from(random.chance(25) ? 2 : 1, depth);
        const where = this.#inside(from.scope, random.chance(88) ? scope : []);
        const tail = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
        const value = integer(from.scope, random);
        if (random.chance(60)) {
            const aggregate = random.pick(['count(*)', `max(${value})`, `min(${value})`, `sum(${value})`]);
            return `(select ${aggregate} from ${from.sql}${tail})`;
        }
        return `(select ${value} from ${from.sql}${tail} order by ${total(from.scope)} limit 1)`;
    }

    #asks(scope: readonly Source[], depth: number): string {
        const random = this.#random;
        const from = this.#from(random.chance(30) ? 2 : 1, depth);
        const where = [...this.#inside(from.scope, random.chance(88) ? scope : [])];
        if (depth > 0 && random.chance(15)) {
            where.push(this.#asks([...from.scope, ...(random.chance(50) ? scope : [])], depth - 1));
        }
        const tail = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
        const value = integer(from.scope, random);
        const sought = columnOf(scope, 'integer', random)?.sql ?? '1';
        const pair = `(${sought}, ${columnOf(scope, 'integer', random)?.sql ?? '2'})`;
        return weighted(
            [
                [22, () => `exists (select 1 from ${from.sql}${tail})`],
                [28, () => `not exists (select 1 from ${from.sql}${tail})`],
                [13, () => `${sought} in (select ${value} from ${from.sql}${tail})`],
                [22, () => `${sought} not in (select ${value} from ${from.sql}${tail})`],
                [
                    12,
                    () =>
                        `${sought} ${random.pick(['', 'not '])}in (select ${value} from ${from.sql}${tail} order by ${total(from.scope)} limit ${random.int(1, 2)})`,
                ],
                [5, () => `${pair} in (select ${value}, ${integer(from.scope, random)} from ${from.sql}${tail})`],
                [5, () => `coalesce(${sought} in (select ${value} from ${from.sql}${tail}), 0) = 0`],
                [10, () => `${sought} ${random.pick(['=', '>=', '<'])} ${this.#scalar(scope, depth)}`],
            ],
            random,
        );
    }

    #block(depth: number, tables?: number): Query {
        const random = this.#random;
        const from = this.#from(tables ?? random.int(1, depth > 1 ? 3 : 2), depth);
        const where: string[] = [];
        for (let count = random.int(0, from.scope.length); count > 0; count--) {
            if (random.chance(60)) {
                where.push(condition(from.scope, random));
            }
        }
        for (const side of from.nullable) {
            if (random.chance(50)) {
                where.push(conditionOnNulls(side, from.scope, random));
            }
        }
        if (depth > 0 && random.chance(42)) {
            where.push(this.#asks(from.scope, depth - 1));
        }
        const tail = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
        return weighted(
            [
                [20, () => grouped(from, tail, random)],
                [4, () => aggregated(from, tail, random)],
                [22, () => windowed(from, tail, random)],
                [54, () => this.#rows(from, tail, depth)],
            ],
            random,
        );
    }

    #rows(from: From, tail: string, depth: number): Query {
        const random = this.#random;
        const scalar = depth > 0 ? () => this.#scalar(from.scope, depth - 1) : undefined;
        const result = plainColumns(from, random.int(1, 3), random, scalar);
        return result.query(`from ${from.sql}${tail}`, random.chance(15) ? 'distinct ' : '');
    }

    #query(depth: number, isTop: boolean): Query {
        const random = this.#random;
        const first = this.#block(depth);
        let query = first;
        if (random.chance(18)) {
            const second = this.#block(Math.max(0, depth - 1), 1);
            const names = first.columns.map(({ name }) => name);
            const padded = (one: Query): string => {
                const columns = names.map((name, index) => `${one.columns[index]?.name ?? 'null'} as ${name}`);
                return `select ${columns.join(', ')} from (${one.sql})`;
            };
            const operator = random.pick(['union all', 'union all', 'union', 'except', 'intersect']);
            query = { ...first, sql: `${padded(first)} ${operator} ${padded(second)}` };
        }
        if (random.chance(isTop ? 3 : 8)) {
            const order = query.columns.map((_, index) => index + 1).join(', ');
            query = { ...query, sql: `${query.sql} order by ${order} limit ${random.int(1, 3)}` };
        }
        return query;
    }
}
