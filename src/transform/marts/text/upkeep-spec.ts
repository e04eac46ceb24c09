import type { ColumnType } from '../types/column-type.ts';

/** What the upkeep of a mart is written from. */
export interface UpkeepSpec {
    readonly model: string;
    /** The mart's file as people know it: `sql/payments/marts/revenue.sql`. */
    readonly file: string;
    /** The SELECT as it stands, with its comments, without its semicolon. */
    readonly definition: string;
    readonly columns: readonly MartColumn[];
    /** Names of the key's columns, in its order. */
    readonly key: readonly string[];
    /** A migration has made the table: its columns, and whether it has a key of its own. */
    readonly migrated: MigratedTable | undefined;
    /** The rows of what has been staged since, where rows are only ever added; then there are no keys to ask for. */
    readonly added: string | undefined;
    /** The same of what the last run has taken in. */
    readonly checked: string | undefined;
    /** Changed rows may reach keys that are null: where a row has one, the run stops. */
    readonly keyMayBeNull: boolean;
    /** SELECTs of keys that changed rows reach. */
    readonly keyed: readonly string[];
    /** SELECTs that find a row where any key may be reached. */
    readonly gates: readonly string[];
    /** The SELECT asked for the keys in `<mart>_dirty`; undefined: it is always compared in full. */
    readonly narrowed: string | undefined;
    readonly indexes: readonly UpkeepIndex[];
    /** Models whose watermarks this one follows. */
    readonly upstream: readonly string[];
    /** Another mart reads this one: the table that holds the rows a run touched. */
    readonly images: string | undefined;
    /** In words, for the first lines. */
    readonly how: string;
}

export interface MartColumn {
    readonly name: string;
    readonly type: ColumnType;
}

export interface MigratedTable {
    readonly hasRowid: boolean;
    /** A unique index or primary key on just the key's columns. */
    readonly hasKey: boolean;
}

export interface UpkeepIndex {
    readonly name: string;
    readonly table: string;
    /** Column names, quoted, or expressions. */
    readonly columns: readonly string[];
}

/** The names of what the upkeep of a mart makes. */
export function upkeepNames(model: string) {
    return {
        now: `${model}_now`,
        dirty: `${model}_dirty`,
        fresh: `${model}_fresh`,
        inFull: `${model}_in_full`,
        key: `key_${model}`,
    };
}
