import type { SqliteType } from '../../core/storage-types.ts';
import type { CurrentColumn } from '../../transform/current/current-spec.ts';
import type { EngineColumn } from '../marts/engine-scope.ts';
import { type EngineType, engineTypeOf, sqliteTypeOf } from '../marts/engine-type.ts';

/** The name of the column that holds what `json_text` gives of a column of a staging table; undefined: there is none. */
export type JsonColumns = (staging: string, column: string, path: string) => string | undefined;

/** A table of an engine. */
export interface EngineTable {
    readonly name: string;
    readonly columns: readonly EngineColumn[];
}

const NO_JSON = (): undefined => undefined;

/** The columns of every staging table that a SELECT may read, before those of the source. */
export const STAGED_BOOKKEEPING: readonly (readonly [string, SqliteType])[] = [
    ['_seq', 'INTEGER'],
    ['_op', 'TEXT'],
    ['_lsn', 'TEXT'],
    ['_xid', 'TEXT'],
    ['_committed_at', 'TEXT'],
    ['_absent', 'TEXT'],
];

/** What a staging table holds. */
export interface StagedRelation {
    readonly tail: string;
    readonly columns: readonly CurrentColumn[];
    /** The key of its current table; none where it has none. */
    readonly key: readonly string[];
}

/** A staging table, and the current table of the same columns. */
export function relationTables(
    { tail, columns }: StagedRelation,
    json: JsonColumns,
): readonly [current: EngineTable, staging: EngineTable] {
    const staging = `stg_${tail}`;
    const of = columns.map(
        ({ name, type }): EngineColumn => ({
            name,
            type: type === 'ANY' ? 'text' : engineTypeOf(type),
            json: (path) => json(staging, name, path),
        }),
    );
    const own = STAGED_BOOKKEEPING.map(([name, type]) => plainColumn(name, engineTypeOf(type)));
    return [
        { name: `current_${tail}`, columns: of },
        { name: staging, columns: [...own, ...of] },
    ];
}

export function plainColumn(name: string, type: EngineType): EngineColumn {
    return { name, type, json: NO_JSON };
}

/** The type by which a column of a mart is created on an engine. */
export function storedType(type: EngineType): SqliteType {
    return sqliteTypeOf(type);
}
