import { COLUMNS_MAX, storageOf } from '../core/storage-types.ts';
import type { ColumnShape, ReplicaIdentity, Shape } from '../core/stream-event.ts';
import { formOf } from '../core/value-forms.ts';
import { Refusal } from './refusal.ts';
import type { ColumnRule } from './values.ts';

/** Names and types of one side of a change; `types` is null if the stream carries none. */
export interface Columns {
    readonly names: readonly string[];
    readonly types: readonly (string | null)[] | null;
}

/** The parts that identify a shape. */
export interface ShapeParts {
    readonly op: Shape['op'];
    readonly schema: string;
    readonly table: string;
    readonly columns: Columns;
    readonly oldColumns: Columns;
    readonly primaryKey: readonly string[] | null;
    readonly identity?: ReplicaIdentity | undefined;
    readonly oldLeavesNullsOut?: boolean;
}

/** A shape and the rules of its values. */
export interface KnownShape {
    readonly shape: Shape;
    readonly rules: readonly ColumnRule[];
    readonly oldRules: readonly ColumnRule[];
}

/** Whether the pipeline keeps a column as text, whatever its type. */
export type DeclaredType = (relation: string, column: string) => 'TEXT' | undefined;

export const NO_COLUMNS: Columns = { names: [], types: null };

/** At this number all shapes are forgotten: a source that never repeats one must not fill the memory. */
const SHAPES_MAX = 4096;

/** Returns the same shape for the same parts. */
export class Shapes {
    readonly #declared: DeclaredType;
    readonly #byRelation = new Map<string, KnownShape[]>();
    #count = 0;

    constructor(declared: DeclaredType) {
        this.#declared = declared;
    }

    /** @throws Refusal `duplicate-column` if a name occurs twice on one side. */
    intern(parts: ShapeParts): KnownShape {
        const key = `${parts.op}\0${parts.schema}\0${parts.table}`;
        let known = this.#byRelation.get(key);
        const found = known?.find(({ shape }) => isSame(shape, parts));
        if (found !== undefined) {
            return found;
        }
        const made = this.#make(parts);
        if (this.#count === SHAPES_MAX) {
            this.#byRelation.clear();
            this.#count = 0;
            known = undefined;
        }
        if (known === undefined) {
            this.#byRelation.set(key, [made]);
        } else {
            known.push(made);
        }
        this.#count++;
        return made;
    }

    #make(parts: ShapeParts): KnownShape {
        const { op, schema, table, primaryKey, identity, oldLeavesNullsOut = false } = parts;
        const width = Math.max(parts.columns.names.length, parts.oldColumns.names.length);
        if (width > COLUMNS_MAX) {
            throw new Refusal('too-many-columns', `the row has ${width} columns; SQLite holds ${COLUMNS_MAX}`);
        }
        const relation = `${schema}.${table}`;
        const columns = columnsOf(parts.columns);
        const oldColumns = columnsOf(parts.oldColumns);
        const rules = (list: readonly ColumnShape[]): ColumnRule[] =>
            list.map((column) => this.#rule(relation, column));
        const told = identity === undefined ? {} : { identity };
        const shape: Shape = { op, schema, table, columns, oldColumns, primaryKey, oldLeavesNullsOut, ...told };
        return { shape, rules: rules(columns), oldRules: rules(oldColumns) };
    }

    #rule(relation: string, { name, type }: ColumnShape): ColumnRule {
        return this.#declared(relation, name) === 'TEXT'
            ? { name, type, rule: 'text' }
            : { name, type, rule: storageOf(type).rule, form: formOf(type) };
    }
}

function columnsOf({ names, types }: Columns): ColumnShape[] {
    const seen = new Set<string>();
    return names.map((name, index) => {
        if (seen.has(name)) {
            throw new Refusal('duplicate-column', `column "${name}" is named twice`);
        }
        seen.add(name);
        return { name, type: types?.[index] ?? null };
    });
}

function isSame(shape: Shape, parts: ShapeParts): boolean {
    return (
        isSameSide(shape.columns, parts.columns) &&
        isSameSide(shape.oldColumns, parts.oldColumns) &&
        isSameKey(shape.primaryKey, parts.primaryKey) &&
        isSameIdentity(shape.identity, parts.identity) &&
        shape.oldLeavesNullsOut === (parts.oldLeavesNullsOut ?? false)
    );
}

function isSameSide(columns: readonly ColumnShape[], { names, types }: Columns): boolean {
    if (columns.length !== names.length) {
        return false;
    }
    for (let index = 0; index < columns.length; index++) {
        const column = columns[index] as ColumnShape;
        if (column.name !== names[index] || column.type !== (types === null ? null : (types[index] ?? null))) {
            return false;
        }
    }
    return true;
}

function isSameKey(left: readonly string[] | null, right: readonly string[] | null): boolean {
    if (left === null || right === null) {
        return left === right;
    }
    return left.length === right.length && left.every((name, index) => name === right[index]);
}

function isSameIdentity(left: ReplicaIdentity | undefined, right: ReplicaIdentity | undefined): boolean {
    return left?.isFull === right?.isFull && isSameKey(left?.columns ?? null, right?.columns ?? null);
}
