import type { EltError } from '../core/errors.ts';
import type { LoadCounts } from './load-counts.ts';
import type { Seen } from './seen-transactions.ts';
import type { DriftPolicy } from './staging/drift-policy.ts';

/** What a load needs to know about its source's bytes. */
export interface SourcePlace {
    /**
     * Returns a function for the SHA-256 of the source's bytes before an offset, to be called before this is called again;
     * null if that digest is no longer available.
     */
    readonly digestAt: (offset: number) => (() => string) | null;
    /** The arrays that are open at the framer's place: plain data, stored as JSON. */
    readonly frameState: () => unknown;
    /** Called at the end of each commit's transaction, when all that has landed is written. */
    readonly beforeCommit?: () => void;
}

/** How a load lands what it decodes. */
export interface LandingOptions extends SourcePlace {
    /** Also land transactions whose positions have landed before. */
    readonly ignorePositions: boolean;
    /** Knows which transactions have landed; by default from `elt_transactions`. */
    readonly seen?: Seen;
    readonly policy: DriftPolicy;
    /** Stop at the first change that cannot be decoded. */
    readonly strict: boolean;
    /** Thrown if the stream carries no positions, without which the new part of a changed file cannot be recognised. */
    readonly needsPositions: EltError | null;
    /** Number of rows after which a commit is due. */
    readonly commitRows: number;
    /** Called after each commit. */
    readonly committed: (counts: Readonly<LoadCounts>) => void;
    /** Rows of a table: a source transaction that is open is none of theirs. */
    readonly isApart?: boolean;
}
