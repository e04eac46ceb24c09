import type { Random } from '../../support/random.ts';
import { columnOf, condition, joinCondition, type Source, weighted } from './random-expression.ts';

/** FROM clauses of random SELECTs. */

export interface From {
    readonly sql: string;
    readonly scope: readonly Source[];
    /** Sides that may be missing. */
    readonly nullable: readonly Source[];
    /** Columns that `using` or a natural join has made one of two. */
    readonly merged: readonly string[];
}

/** Joins a source in one of the ways that there are. */
export function joined(from: From, source: Source, random: Random): From {
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
        const { name } = random.pick(shared);
        const merged = [...from.merged, name];
        return { sql: `${from.sql} ${join} ${source.sql} using (${name})`, scope, nullable, merged };
    }
    const names = source.columns.map(({ name }) => name);
    const common = from.scope.flatMap(({ columns }) => columns).filter(({ name }) => names.includes(name));
    if (kind === 'natural' && common.length > 0 && new Set(common.map(({ name }) => name)).size === common.length) {
        const join = random.pick(['natural join', 'natural left join']);
        const nullable = join === 'natural join' ? from.nullable : [...from.nullable, source];
        const merged = [...from.merged, ...common.map(({ name }) => name)];
        return { sql: `${from.sql} ${join} ${source.sql}`, scope, nullable, merged };
    }
    const join = kind === 'using' || kind === 'natural' ? 'join' : kind;
    const on = [joinCondition(from.scope, [source], random), ...(random.chance(30) ? [condition(scope, random)] : [])];
    const nullable = [
        ...from.nullable,
        ...(join === 'left join' || join === 'full join' ? [source] : []),
        ...(join === 'right join' || join === 'full join' ? from.scope.slice(0, 1) : []),
    ];
    return { ...from, sql: `${from.sql} ${join} ${source.sql} on ${on.join(' and ')}`, scope, nullable };
}

/** A document that is taken to pieces. */
export function withDocument(from: From, alias: string, random: Random): From {
    const column = columnOf(from.scope, 'integer', random);
    const other = columnOf(from.scope, 'integer', random);
    const columns = [
        { name: 'key', type: 'integer' as const, isKey: false, isRequired: false },
        { name: 'value', type: 'any' as const, isKey: false, isRequired: false },
    ];
    const source = { sql: '', alias, columns };
    const call = `json_each(json_array(${column?.sql ?? '1'}, ${other?.sql ?? '2'})) as ${alias}`;
    const join = random.chance(70) ? `cross join ${call}` : `left join ${call} on ${alias}.value > ${random.int(0, 2)}`;
    return { ...from, sql: `${from.sql} ${join}`, scope: [...from.scope, source] };
}
