import type { Random } from '../../support/random.ts';
import type { RandomColumn } from './random-tables.ts';

/** A table, a subquery or a CTE under its name in a FROM clause. */
export interface Source {
    readonly sql: string;
    readonly alias: string;
    readonly columns: readonly RandomColumn[];
}

export interface NamedColumn extends RandomColumn {
    readonly sql: string;
}

/** A column of a scope, of a type if there is one. */
export function columnOf(
    scope: readonly Source[],
    type: RandomColumn['type'] | undefined,
    random: Random,
): NamedColumn | undefined {
    const all = scope.flatMap(({ alias, columns }) =>
        columns.map((column) => ({ ...column, sql: `${alias}.${column.name}` })),
    );
    const fitting = all.filter((column) => type === undefined || column.type === type);
    return fitting.length === 0 ? undefined : random.pick(fitting);
}

/** An integer made of the columns of a scope. */
export function integer(scope: readonly Source[], random: Random, deeper?: () => string): string {
    const column = columnOf(scope, 'integer', random);
    const other = columnOf(scope, 'integer', random);
    if (column === undefined || other === undefined) {
        return '1';
    }
    const kind = random.int(0, 99);
    if (kind < 58) {
        return column.sql;
    }
    if (kind < 66) {
        return `${column.sql} + ${random.int(0, 2)}`;
    }
    if (kind < 76) {
        return `coalesce(${column.sql}, ${random.chance(50) ? other.sql : random.int(0, 3)})`;
    }
    if (kind < 83) {
        return `iif(${column.sql} > ${random.int(0, 3)}, ${other.sql}, ${random.int(0, 3)})`;
    }
    if (kind < 90) {
        return `case when ${column.sql} is null then ${random.int(0, 2)} else ${column.sql} % 2 end`;
    }
    if (kind < 93) {
        return `nullif(${column.sql}, ${random.int(0, 3)})`;
    }
    return deeper === undefined ? column.sql : deeper();
}

/** A condition on the columns of a scope. */
export function condition(scope: readonly Source[], random: Random): string {
    const [left, right] = [columnOf(scope, 'integer', random), columnOf(scope, 'integer', random)];
    if (left === undefined || right === undefined) {
        return '1 = 1';
    }
    const text = columnOf(scope, 'text', random);
    const any = columnOf(scope, 'any', random);
    const forms: readonly (readonly [number, () => string])[] = [
        [32, () => `${left.sql} = ${right.sql}`],
        [10, () => `${left.sql} is ${right.sql}`],
        [10, () => `${left.sql} ${random.pick(['>', '<=', '<>'])} ${random.int(0, 3)}`],
        [7, () => `${left.sql} > ${right.sql}`],
        [8, () => `${left.sql} is ${random.pick(['', 'not '])}null`],
        [5, () => `${left.sql} in (${random.int(0, 3)}, ${random.int(0, 3)})`],
        [5, () => `(${left.sql} = ${random.int(0, 3)} or ${right.sql} = ${random.int(0, 3)})`],
        [4, () => `(${left.sql}, ${right.sql}) is distinct from (${random.int(0, 2)}, ${random.int(0, 2)})`],
        [4, () => `(${left.sql}, ${right.sql}) = (${right.sql}, ${left.sql})`],
        [4, () => `${left.sql} between ${random.int(0, 1)} and ${random.int(2, 3)}`],
        [4, () => `coalesce(${left.sql}, -1) = coalesce(${right.sql}, -1)`],
        [3, () => `not (${left.sql} = ${right.sql} and ${left.sql} > ${random.int(0, 2)})`],
        [
            4,
            () =>
                text === undefined
                    ? '1'
                    : `${text.sql} ${random.pick(["= 'a'", "<> 'b'", "<> 'a\n1'", "collate nocase = 'A'", 'is null'])}`,
        ],
        [3, () => (any === undefined ? '1' : `${any.sql} = ${random.pick([left.sql, text?.sql ?? left.sql])}`)],
    ];
    return weighted(forms, random);
}

/** A condition that tells a side that may be missing from one that is there. */
export function conditionOnNulls(side: Source, scope: readonly Source[], random: Random): string {
    const column = `${side.alias}.${random.pick(side.columns).name}`;
    const other = columnOf(scope, 'integer', random)?.sql ?? '1';
    return weighted(
        [
            [50, () => `${column} is null`],
            [20, () => `${column} is not null`],
            [15, () => `(${column} = ${random.int(0, 3)} or ${other} <= ${random.int(1, 3)})`],
            [15, () => `coalesce(${column}, ${random.int(0, 1)}) < ${random.int(1, 2)}`],
        ],
        random,
    );
}

/** A condition that joins two scopes. */
export function joinCondition(left: readonly Source[], right: readonly Source[], random: Random): string {
    const type = random.chance(85) ? 'integer' : random.pick(['text', 'any'] as const);
    // Columns of different types join too: '1' and 1.
    const mixed: readonly (readonly [RandomColumn['type'], RandomColumn['type']])[] = [
        ['integer', 'any'],
        ['any', 'integer'],
        ['integer', 'text'],
        ['text', 'any'],
    ];
    const [ofOne, ofOther] = random.chance(8) ? random.pick(mixed) : ([type, type] as const);
    const [one, other] = [
        columnOf(left, ofOne, random) ?? columnOf(left, 'integer', random),
        columnOf(right, ofOther, random) ?? columnOf(right, 'integer', random),
    ];
    return one === undefined || other === undefined
        ? '1'
        : `${one.sql} ${random.pick(['=', '=', '=', '=', '=', '=', 'is', '>', '<='])} ${other.sql}`;
}

export function weighted<T>(forms: readonly (readonly [number, () => T])[], random: Random): T {
    let at = random.int(0, forms.reduce((sum, [weight]) => sum + weight, 0) - 1);
    for (const [weight, form] of forms) {
        if (at < weight) {
            return form();
        }
        at -= weight;
    }
    throw new RangeError('no form');
}
