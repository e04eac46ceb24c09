import type { Random } from '../../support/random.ts';
import { columnOf, condition, integer, joinCondition, type Source, weighted } from './random-expression.ts';
import type { RandomColumn, RandomTable } from './random-tables.ts';

/** A SELECT with a key for its rows. */
export interface RandomSelect {
    readonly sql: string;
    readonly columns: readonly RandomColumn[];
    readonly key: readonly string[];
}

interface Query {
    readonly sql: string;
    readonly columns: readonly RandomColumn[];
    /** Columns that are not computed from many rows. */
    readonly plain: ReadonlySet<string>;
}

interface From {
    readonly sql: string;
    readonly scope: readonly Source[];
    /** Sides that may be missing. */
    readonly nullable: readonly Source[];
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
        let from: From = { sql: first.sql, scope: [first], nullable: [] };
        for (let left = count - 1; left > 0; left--) {
            from = random.chance(6) ? this.#withDocument(from) : this.#joined(from, this.#source(depth));
        }
        return from;
    }

    #joined(from: From, source: Source): From {
        const random = this.#random;
        const scope = [...from.scope, source];
        const kind = weighted<string>(
            [
                [30, () => 'join'],
                [28, () => 'left join'],
                [8, () => 'cross join'],
                [7, () => 'right join'],
                [7, () => 'full join'],
                [12, () => 'using'],
                [8, () => 'natural'],
            ],
            random,
        );
        const shared = source.columns.filter(
            ({ name, type }) =>
                type === 'integer' &&
                from.scope.flatMap(({ columns }) => columns).filter((one) => one.name === name).length === 1,
        );
        if (kind === 'cross join') {
            return { ...from, sql: `${from.sql} cross join ${source.sql}`, scope };
        }
        if (kind === 'using' && shared.length > 0) {
            const join = random.pick(['join', 'left join']);
            const nullable = join === 'join' ? from.nullable : [...from.nullable, source];
            return { sql: `${from.sql} ${join} ${source.sql} using (${random.pick(shared).name})`, scope, nullable };
        }
        const names = source.columns.map(({ name }) => name);
        const common = from.scope.flatMap(({ columns }) => columns).filter(({ name }) => names.includes(name));
        if (kind === 'natural' && common.length > 0 && new Set(common.map(({ name }) => name)).size === common.length) {
            const join = random.pick(['natural join', 'natural left join']);
            const nullable = join === 'natural join' ? from.nullable : [...from.nullable, source];
            return { sql: `${from.sql} ${join} ${source.sql}`, scope, nullable };
        }
        const join = kind === 'using' || kind === 'natural' ? 'join' : kind;
        const on = [
            joinCondition(from.scope, [source], random),
            ...(random.chance(30) ? [condition(scope, random)] : []),
        ];
        const nullable = [
            ...from.nullable,
            ...(join === 'left join' || join === 'full join' ? [source] : []),
            ...(join === 'right join' || join === 'full join' ? from.scope.slice(0, 1) : []),
        ];
        return { sql: `${from.sql} ${join} ${source.sql} on ${on.join(' and ')}`, scope, nullable };
    }

    /** A document that is taken to pieces. */
    #withDocument(from: From): From {
        const random = this.#random;
        const alias = this.#alias();
        const column = columnOf(from.scope, 'integer', random);
        const other = columnOf(from.scope, 'integer', random);
        const columns = [
            { name: 'key', type: 'integer' as const, isKey: false, isRequired: false },
            { name: 'value', type: 'any' as const, isKey: false, isRequired: false },
        ];
        const source = { sql: '', alias, columns };
        const call = `json_each(json_array(${column?.sql ?? '1'}, ${other?.sql ?? '2'})) as ${alias}`;
        const join = random.chance(70)
            ? `cross join ${call}`
            : `left join ${call} on ${alias}.value > ${random.int(0, 2)}`;
        return { ...from, sql: `${from.sql} ${join}`, scope: [...from.scope, source] };
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
        for (const { alias, columns } of from.nullable) {
            if (random.chance(50)) {
                where.push(`${alias}.${random.pick(columns).name} is ${random.pick(['', '', 'not '])}null`);
            }
        }
        if (depth > 0 && random.chance(42)) {
            where.push(this.#asks(from.scope, depth - 1));
        }
        const tail = where.length === 0 ? '' : ` where ${where.join(' and ')}`;
        return weighted(
            [
                [20, () => this.#grouped(from, tail)],
                [4, () => this.#aggregated(from, tail)],
                [22, () => this.#windowed(from, tail)],
                [54, () => this.#rows(from, tail, depth)],
            ],
            random,
        );
    }

    #grouped(from: From, tail: string): Query {
        const random = this.#random;
        const result = new ResultList();
        const groups = Array.from({ length: random.int(1, 2) }, () => integer(from.scope, random));
        for (const group of groups) {
            result.add(group, true);
        }
        const text = random.chance(35) ? columnOf(from.scope, 'text', random) : undefined;
        if (text !== undefined) {
            groups.push(`${text.sql}${random.chance(15) ? ' collate nocase' : ''}`);
            result.add(random.chance(60) ? (groups.at(-1) as string) : text.sql, true, 'text');
        }
        for (let count = random.int(1, 2); count > 0; count--) {
            const value = integer(from.scope, random);
            const filter = `min(${value}) filter (where ${condition(from.scope, random)})`;
            result.add(
                random.pick(['count(*)', `sum(${value})`, `max(${value})`, `count(distinct ${value})`, filter]),
                false,
            );
        }
        if (random.chance(12)) {
            // A column that is not grouped by: its value is that of the row with the maximum.
            const bare = columnOf(from.scope, 'integer', random);
            const first = from.scope[0] as Source;
            if (bare !== undefined) {
                result.add(bare.sql, true);
                result.add(`max(${first.alias}.${first.columns[0]?.name})`, false);
            }
        }
        const value = integer(from.scope, random);
        const having = random.chance(25)
            ? ` having ${random.pick(['count(*) > 1', `max(${value}) > 1`, `sum(${value}) <> 2`])}`
            : '';
        const by = groups.map((group, index) =>
            random.chance(20) ? String(index + 1) : /^\d+$/.test(group) ? `(0 + ${group})` : group,
        );
        return result.query(`from ${from.sql}${tail} group by ${by.join(', ')}${having}`);
    }

    #aggregated(from: From, tail: string): Query {
        const result = new ResultList();
        result.add(this.#random.pick(['count(*)', `max(${integer(from.scope, this.#random)})`]), false);
        return result.query(`from ${from.sql}${tail}`);
    }

    #windowed(from: From, tail: string): Query {
        const random = this.#random;
        const result = this.#plainColumns(from, 1);
        for (let count = random.int(1, 2); count > 0; count--) {
            const more = random.chance(30) ? [integer(from.scope, random)] : [];
            const partition = random.chance(92)
                ? `partition by ${[integer(from.scope, random), ...more].join(', ')} `
                : '';
            const value = integer(from.scope, random);
            const call = random.pick(['row_number()', `sum(${value})`, `lag(${value})`, 'count(*)', `max(${value})`]);
            result.add(`${call} over (${partition}order by ${total(from.scope)})`, false);
        }
        return result.query(`from ${from.sql}${tail}`);
    }

    #rows(from: From, tail: string, depth: number): Query {
        const random = this.#random;
        const result = this.#plainColumns(from, random.int(1, 3), depth);
        return result.query(`from ${from.sql}${tail}`, random.chance(15) ? 'distinct ' : '');
    }

    /** Keys of the tables, and some more columns. */
    #plainColumns(from: From, more: number, depth = 0): ResultList {
        const random = this.#random;
        const result = new ResultList();
        for (const { alias, columns } of from.scope) {
            if (random.chance(70)) {
                const keys = columns.filter(({ isKey }) => isKey);
                for (const { name, type } of keys.length > 0 ? keys : [random.pick(columns)]) {
                    if (random.chance(80)) {
                        result.add(`${alias}.${name}`, true, type);
                    }
                }
            }
        }
        for (let count = more; count > 0; count--) {
            const other = random.chance(18)
                ? columnOf(from.scope, random.pick(['text', 'any'] as const), random)
                : undefined;
            if (other === undefined) {
                result.add(
                    integer(from.scope, random, depth > 0 ? () => this.#scalar(from.scope, depth - 1) : undefined),
                    true,
                );
            } else {
                result.add(`${other.sql}${random.chance(10) ? ' collate nocase' : ''}`, true, other.type);
            }
        }
        return result;
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

/** Result columns c0, c1, … */
class ResultList {
    readonly #columns: RandomColumn[] = [];
    readonly #sql: string[] = [];
    readonly #plain = new Set<string>();

    add(expression: string, isPlain: boolean, type: RandomColumn['type'] = 'integer'): void {
        const name = `c${this.#columns.length}`;
        this.#columns.push({ name, type, isKey: false, isRequired: false });
        this.#sql.push(`${expression} as ${name}`);
        if (isPlain && !/select/.test(expression)) {
            this.#plain.add(name);
        }
    }

    query(tail: string, distinct = ''): Query {
        return { sql: `select ${distinct}${this.#sql.join(', ')} ${tail}`, columns: this.#columns, plain: this.#plain };
    }
}

/** An order that leaves no two rows equal, so that what looks at it is determined. */
function total(scope: readonly Source[]): string {
    return scope.flatMap(({ alias, columns }) => columns.map(({ name }) => `${alias}.${name}`)).join(', ');
}
