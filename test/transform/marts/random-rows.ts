import type { Random } from '../../support/random.ts';
import { columnOf, condition, integer, type Source } from './random-expression.ts';
import type { From } from './random-from.ts';
import type { RandomColumn } from './random-tables.ts';

/** What random SELECTs make of the rows of a FROM clause. */

export interface Query {
    readonly sql: string;
    readonly columns: readonly RandomColumn[];
    /** Columns that are not computed from many rows. */
    readonly plain: ReadonlySet<string>;
}

export function grouped(from: From, tail: string, random: Random): Query {
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
            if (random.chance(40)) {
                result.add(`count(*) over (partition by ${bare.sql})`, false);
            }
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

export function aggregated(from: From, tail: string, random: Random): Query {
    const result = new ResultList();
    result.add(random.pick(['count(*)', `max(${integer(from.scope, random)})`]), false);
    return result.query(`from ${from.sql}${tail}`);
}

export function windowed(from: From, tail: string, random: Random): Query {
    const result = plainColumns(from, 1, random);
    for (let count = random.int(1, 2); count > 0; count--) {
        const more = random.chance(30) ? [integer(from.scope, random)] : [];
        const partition = random.chance(92) ? `partition by ${[partitioned(from, random), ...more].join(', ')} ` : '';
        const value = integer(from.scope, random);
        const call = random.pick(['row_number()', `sum(${value})`, `lag(${value})`, 'count(*)', `max(${value})`]);
        result.add(`${call} over (${partition}order by ${total(from.scope)})`, false);
    }
    return result.query(`from ${from.sql}${tail}`);
}

/** Mostly a column as it stands, which may be null: the nulls are one partition. */
function partitioned({ scope }: From, random: Random): string {
    const column = random.chance(50) ? columnOf(scope, 'integer', random) : undefined;
    return column?.sql ?? integer(scope, random);
}

/** Keys of the tables, and some more columns. */
export function plainColumns(from: From, more: number, random: Random, scalar?: () => string): ResultList {
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
    for (const side of from.nullable.filter(() => random.chance(20))) {
        const whole = columnOf([side], 'integer', random);
        const other = columnOf(from.scope, 'integer', random);
        if (whole !== undefined && other !== undefined) {
            result.add(`coalesce(${whole.sql}, ${other.sql})`, true);
        }
    }
    if (from.merged.length > 0 && random.chance(50)) {
        result.add(random.pick(from.merged), true);
    }
    for (let count = more; count > 0; count--) {
        const other = random.chance(18)
            ? columnOf(from.scope, random.pick(['text', 'any'] as const), random)
            : undefined;
        if (other === undefined) {
            result.add(integer(from.scope, random, scalar), true);
        } else {
            result.add(`${other.sql}${random.chance(10) ? ' collate nocase' : ''}`, true, other.type);
        }
    }
    return result;
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
export function total(scope: readonly Source[]): string {
    return scope.flatMap(({ alias, columns }) => columns.map(({ name }) => `${alias}.${name}`)).join(', ');
}
