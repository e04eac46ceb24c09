import type { RelationName } from './partition-column.ts';

/** The pipeline's rules for storing columns and for drift. */
export interface DriftPolicy {
    readonly drift: 'evolve' | 'freeze';
    readonly declared: (relation: string, column: string) => 'TEXT' | undefined;
    /** The relation that a table lands as a part of; undefined: it is one of its own. */
    readonly parent?: ((schema: string, table: string) => RelationName | undefined) | undefined;
}
