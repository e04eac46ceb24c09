import type { ReplicaIdentity } from '../../core/stream-event.ts';
import type { Columns, KnownShape, ShapeParts, Shapes } from '../shapes.ts';
import type { ColumnRule } from '../values.ts';

/** A relation's columns as the source describes them. */
export interface RelationColumns {
    readonly schema: string;
    readonly table: string;
    readonly names: readonly string[];
    readonly types: readonly string[];
    /** Places of the identity's columns. */
    readonly keyPlaces: readonly number[];
    /** Null: it is not known. */
    readonly primaryKey: readonly string[] | null;
    /** PostgreSQL's letter: default, nothing, full, index. */
    readonly replicaIdentity: 'd' | 'n' | 'f' | 'i';
}

/** What a change tells beside its relation: what it leaves out, and which of its numbers are texts. */
export interface RowForm {
    readonly op: 'insert' | 'update' | 'delete';
    /** The old row: none, its key, all of it. */
    readonly old: 'none' | 'key' | 'all';
    /** Places that the new row leaves out, TOAST that did not change. */
    readonly absent: readonly number[];
    /** Places of the new and of the old row whose numbers are none. */
    readonly texts: readonly number[];
    readonly oldTexts: readonly number[];
}

const NONE: readonly number[] = [];

/** A form of which nothing is to be said. */
export function plainForm(op: RowForm['op'], old: RowForm['old']): RowForm {
    return { op, old, absent: NONE, texts: NONE, oldTexts: NONE };
}

/** One relation of a stream, with the shapes of its changes: each is worked out once. */
export class Relation {
    readonly columns: RelationColumns;
    /** Of all its columns. */
    readonly rules: readonly ColumnRule[];
    readonly #shapes: Shapes;
    readonly #known = new Map<string, KnownShape>();
    readonly #plain: Record<RowForm['op'], Partial<Record<RowForm['old'], KnownShape>>> = {
        insert: {},
        update: {},
        delete: {},
    };
    readonly #identity: ReplicaIdentity;

    constructor(columns: RelationColumns, shapes: Shapes) {
        this.columns = columns;
        this.#shapes = shapes;
        const { names, keyPlaces, replicaIdentity } = columns;
        this.#identity = {
            columns: keyPlaces.map((place) => names[place] as string),
            isFull: replicaIdentity === 'f',
        };
        this.rules = this.shape(plainForm('insert', 'none')).rules;
    }

    /** The shape of a change of which nothing is to be said: most are. */
    plain(op: RowForm['op'], old: RowForm['old']): KnownShape {
        const known = this.#plain[op];
        known[old] ??= this.shape(plainForm(op, old));
        return known[old];
    }

    /** The shape of a change without a row. */
    truncate(): KnownShape {
        return this.#shapes.intern(this.#parts('truncate', [], []));
    }

    shape(form: RowForm): KnownShape {
        const isPlain = form.absent.length + form.texts.length + form.oldTexts.length === 0;
        const key = isPlain
            ? `${form.op} ${form.old}`
            : `${form.op} ${form.old} ${form.absent.join()} ${form.texts.join()} ${form.oldTexts.join()}`;
        let known = this.#known.get(key);
        if (known === undefined) {
            known = this.#make(form);
            this.#known.set(key, known);
        }
        return known;
    }

    #make({ op, old, absent, texts, oldTexts }: RowForm): KnownShape {
        const all = this.columns.names.map((_, place) => place);
        const now = op === 'delete' ? [] : all.filter((place) => !absent.includes(place));
        const before = old === 'none' ? [] : old === 'key' ? this.columns.keyPlaces : all;
        const known = this.#shapes.intern(this.#parts(op, now, before));
        if (texts.length + oldTexts.length === 0) {
            return known;
        }
        const marked = (columns: KnownShape['shape']['columns'], places: readonly number[], those: readonly number[]) =>
            columns.map((column, index) =>
                those.includes(places[index] as number) ? { ...column, isText: true as const } : column,
            );
        const shape = {
            ...known.shape,
            columns: marked(known.shape.columns, now, texts),
            oldColumns: marked(known.shape.oldColumns, before, oldTexts),
        };
        return { ...known, shape };
    }

    #parts(op: ShapeParts['op'], now: readonly number[], before: readonly number[]): ShapeParts {
        const { schema, table, primaryKey } = this.columns;
        const [columns, oldColumns] = [this.#side(now), this.#side(before)];
        return { op, schema, table, columns, oldColumns, primaryKey, identity: this.#identity };
    }

    #side(places: readonly number[]): Columns {
        const { names, types } = this.columns;
        return {
            names: places.map((place) => names[place] as string),
            types: places.map((place) => types[place] as string),
        };
    }
}
