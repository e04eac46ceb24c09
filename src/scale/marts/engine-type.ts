import type { SqliteType } from '../../core/storage-types.ts';

/** The type of an expression as engines with static types see it; `any`: that cannot be told before it runs. */
export type EngineType = 'integer' | 'real' | 'text' | 'boolean' | 'null' | 'any';

/** The type of what is sometimes one thing and sometimes another. In a result column a boolean is an integer. */
export function commonEngineType(types: readonly EngineType[]): EngineType {
    const others = new Set(
        types.filter((type) => type !== 'null').map((type) => (type === 'boolean' ? 'integer' : type)),
    );
    const [only] = others;
    return only === undefined ? 'null' : others.size === 1 ? only : 'any';
}

/** The type of a column by its declared type in a STRICT table. */
export function engineTypeOf(declared: string): EngineType {
    const word = declared.toLowerCase();
    return word === 'integer' || word === 'int' ? 'integer' : word === 'real' || word === 'text' ? word : 'any';
}

export function sqliteTypeOf(type: EngineType): SqliteType {
    switch (type) {
        case 'integer':
        case 'boolean':
            return 'INTEGER';
        case 'real':
            return 'REAL';
        default:
            return 'TEXT';
    }
}
