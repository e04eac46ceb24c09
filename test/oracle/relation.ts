import type { Random } from '../support/random.ts';
import type { CoverageCase } from './coverage.ts';
import { identifier, literal, type ValueType } from './value-type.ts';

export interface Column {
    readonly name: string;
    readonly type: ValueType;
    /** Stored out of line (`storage external`), so that an update which does not touch it leaves it out. */
    readonly toasted?: boolean;
    readonly notNull?: boolean;
    /** SQL expression of a stored generated column; never written by the workload. */
    readonly generated?: string;
}

export type Identity = 'default' | 'full' | 'index' | 'nothing';

/** A table as the workload knows it. Changed by drift, always as a whole new value. */
export interface Relation {
    readonly schema: string;
    readonly name: string;
    readonly columns: readonly Column[];
    /** Primary key; empty where there is none. */
    readonly key: readonly string[];
    readonly identity: Identity;
    /** Columns of the unique index of identity `index`. */
    readonly indexColumns?: readonly string[];
    readonly deferrable?: boolean;
    /** Columns whose values never repeat: the workload may write them as a key. */
    readonly unique: readonly string[];
    /** Leaf names; the rows are in these tables, and the stream names only them. */
    readonly partitions?: readonly string[];
    /** What it is an example of, in the words of the coverage table. */
    readonly cases: readonly CoverageCase[];
}

export function qualified(relation: { readonly schema: string; readonly name: string }): string {
    return `${identifier(relation.schema)}.${identifier(relation.name)}`;
}

/** True where updates and deletes are in the stream. */
export function isTold(relation: Relation): boolean {
    return (
        relation.identity === 'full' ||
        relation.identity === 'index' ||
        (relation.identity === 'default' && relation.key.length > 0 && relation.deferrable !== true)
    );
}

/** The columns that name a row in the stream (empty: none do). */
export function identityColumns(relation: Relation): readonly string[] {
    return relation.identity === 'index' ? (relation.indexColumns ?? []) : relation.key;
}

export function createSql(relation: Relation): string {
    const lines = relation.columns.map(
        (column) =>
            `${identifier(column.name)} ${column.type.name}` +
            (column.generated === undefined ? '' : ` generated always as (${column.generated}) stored`) +
            (column.notNull === true ? ' not null' : ''),
    );
    if (relation.key.length > 0) {
        const later = relation.deferrable === true ? ' deferrable' : '';
        lines.push(`primary key (${relation.key.map(identifier).join(', ')})${later}`);
    }
    const statements = [`create schema if not exists ${identifier(relation.schema)};`];
    const partitioned =
        relation.partitions === undefined ? '' : ` partition by hash (${identifier(relation.key[0] as string)})`;
    statements.push(`create table ${qualified(relation)} (${lines.join(', ')})${partitioned};`);
    for (const [index, partition] of (relation.partitions ?? []).entries()) {
        const leaf = qualified({ schema: relation.schema, name: partition });
        const modulus = relation.partitions?.length;
        statements.push(
            `create table ${leaf} partition of ${qualified(relation)} for values with (modulus ${modulus}, remainder ${index});`,
        );
    }
    for (const column of relation.columns.filter((candidate) => candidate.toasted)) {
        statements.push(`alter table ${qualified(relation)} alter ${identifier(column.name)} set storage external;`);
    }
    return [...statements, ...identitySql(relation)].join('\n');
}

/** Sets the replica identity; partitions have their own. */
export function identitySql(relation: Relation): string[] {
    if (relation.identity === 'index') {
        const columns = (relation.indexColumns ?? []).map(identifier).join(', ');
        return [
            `create unique index identity_index_${relation.columns.length} on ${qualified(relation)} (${columns});`,
            `alter table ${qualified(relation)} replica identity using index identity_index_${relation.columns.length};`,
        ];
    }
    const tables = relation.partitions?.map((name) => ({ schema: relation.schema, name })) ?? [relation];
    return tables.map((table) => `alter table ${qualified(table)} replica identity ${relation.identity};`);
}

/** A value for `column`, as SQL: null, odd, usual, or long enough to be stored out of line. */
export function valueSql(column: Column, random: Random): string {
    if (column.toasted === true && random.chance(75)) {
        return column.type.large?.(random) ?? literal(random.hex(random.int(2_200, 5_000)));
    }
    if (column.notNull !== true && random.chance(12)) {
        return 'null';
    }
    return column.type.odd.length > 0 && random.chance(45) ? random.pick(column.type.odd) : column.type.usual(random);
}
