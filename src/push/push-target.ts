import type { PushReject } from '../ledger/pushes.ts';
import type { MartRow } from './mart-rows.ts';
import type { MartShape } from './mart-shape.ts';

/** What one push has to do: the mart in one state, and what is known of the target. */
export interface PushJob {
    readonly shape: MartShape;
    /** Who this database is. */
    readonly origin: string;
    /** The number of the last change in that state. */
    readonly position: number;
    /** The number before which nothing is known: a target behind it is compared as a whole. */
    readonly since: number;
    /** The name of this push, which the target keeps with the position. */
    readonly token: string;
    /** The pushes after which the target may be: the last that was stored here, and those that were begun since. */
    readonly knownTokens: readonly string[];
    /** The documents that it refused before. */
    readonly refused: ReadonlySet<string>;
    /** Replace what the target holds, whatever it is. */
    readonly isFull: boolean;
    /** The rows touched after a change, or all with null. */
    readonly rows: (after: number | null) => Iterable<MartRow>;
    /** Called now and then with the number of rows so far; throws to stop. */
    readonly breathe: (rows: number) => Promise<void>;
    /** Called before the position is written there: from then on the target may have taken the push in. */
    readonly takes: () => void;
}

/** What a target is like before a push. */
export interface TargetState {
    /** The position that it has; null: there is nothing, or nothing is known of it. */
    readonly position: number | null;
    /** What must be done before rows are written, as a person reads it: SQL, or a request. */
    readonly steps: readonly string[];
}

export interface PushOutcome {
    /** Whether all rows were sent, not only those that were touched. */
    readonly isWhole: boolean;
    readonly written: number;
    readonly deleted: number;
    readonly rejects: readonly PushReject[];
    /** Documents that were taken, of those that were refused before; null: all. */
    readonly accepted: readonly string[] | null;
    /** What was done before rows were written. */
    readonly steps: readonly string[];
}

/** Into how many ranges a comparison cuts the keys, and how many differences it names. */
export const KEY_RANGES = 16;
export const EXAMPLES_MAX = 10;

/** How a mart and its target compare. */
export interface Comparison {
    readonly rows: number;
    readonly targetRows: number;
    /** Rows that only the mart has, only the target has, and that both have with other values. */
    readonly missing: number;
    readonly surplus: number;
    readonly different: number;
    readonly ranges: readonly KeyRange[];
    /** Some of the differences: the key and what is wrong. */
    readonly examples: readonly string[];
}

/** One of the ranges into which the keys are cut. */
export interface KeyRange {
    readonly from: string;
    readonly to: string;
    readonly rows: number;
    readonly targetRows: number;
    readonly checksum: string;
    readonly targetChecksum: string;
}

/** Where a mart is pushed to. Owns its connections; `close` ends them. */
export interface PushTarget {
    /** As people and the ledger know it: without user and password. */
    readonly name: string;
    readonly kind: 'postgres' | 'search';
    /** What a push would begin with; changes nothing. @throws EltError TARGET_DIFFERS and others, as `push` does. */
    look(job: PushJob): Promise<TargetState>;
    /** Resolves when the target has taken everything in. */
    push(job: PushJob): Promise<PushOutcome>;
    /** Compares all rows; changes nothing. */
    compare(job: PushJob): Promise<Comparison>;
    close(): Promise<void>;
}

/** What a target keeps of the last push that it took in. */
export interface TakenPush {
    readonly origin: string;
    readonly token: string;
    readonly position: number;
}

/** From where a target is to be continued; null: all rows are to be sent. */
export function startOf({ since, isFull }: PushJob, position: number | null): number | null {
    return isFull || position === null || position < since ? null : position;
}
