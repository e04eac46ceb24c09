import { type LakeTable, PART_BOOKKEEPING } from './manifest.ts';

/** What a fold need not look for where there is none of it: the last change of each kind, by `_seq`. */
export type LastOfKind = Pick<
    LakeTable,
    'lastTruncate' | 'lastMove' | 'lastPatch' | 'lastDraggingMove' | 'lastOldKeyDelete'
>;

const NONE: LastOfKind = {
    lastTruncate: null,
    lastMove: null,
    lastPatch: null,
    lastDraggingMove: null,
    lastOldKeyDelete: null,
};

const at = (name: (typeof PART_BOOKKEEPING)[number][0]): number => PART_BOOKKEEPING.findIndex(([one]) => one === name);
const [SEQ, OP, ABSENT, HAS_OLD_KEY] = [at('_seq'), at('_op'), at('_absent'), at('_has_old_key')] as const;

/** Notes the kinds of changes as they pass. */
export class ChangeFacts {
    readonly #last: Record<keyof LastOfKind, number | null> = { ...NONE };

    /** A row of a part, in its columns, as SQLite gives it. */
    note(row: readonly unknown[]): void {
        const isPatch = row[ABSENT] !== null;
        const hasOldKey = row[HAS_OLD_KEY] === 1n;
        if (row[OP] === 'insert' && !isPatch && !hasOldKey) {
            return;
        }
        const seq = Number(row[SEQ]);
        this.#note('lastTruncate', row[OP] === 'truncate', seq);
        this.#note('lastOldKeyDelete', row[OP] === 'delete' && hasOldKey, seq);
        if (row[OP] !== 'delete' && row[OP] !== 'truncate') {
            this.#note('lastMove', hasOldKey, seq);
            this.#note('lastPatch', isPatch, seq);
            this.#note('lastDraggingMove', hasOldKey && isPatch, seq);
        }
    }

    /** With what earlier parts hold. */
    since(earlier: LastOfKind | undefined): LastOfKind {
        const later = (name: keyof LastOfKind): number | null => this.#last[name] ?? earlier?.[name] ?? null;
        return {
            lastTruncate: later('lastTruncate'),
            lastMove: later('lastMove'),
            lastPatch: later('lastPatch'),
            lastDraggingMove: later('lastDraggingMove'),
            lastOldKeyDelete: later('lastOldKeyDelete'),
        };
    }

    #note(name: keyof LastOfKind, isOne: boolean, seq: number): void {
        if (isOne) {
            this.#last[name] = seq;
        }
    }
}
