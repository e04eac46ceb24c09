import type { MartDefinition } from '../../project/mart-definition.ts';
import type { Database } from '../../sqlite/database.ts';
import { isUnedited } from '../current/current-sql.ts';
import type { MartQuestion } from './find-scans.ts';
import type { Filler } from './read-schema.ts';
import type { MartTest } from './text/mart-tests.ts';

/** Incremented when the generated upkeep changes: what was generated before is generated again. */
export const GENERATOR = 2;

/** The upkeep of a mart of one SELECT, as it is generated from the file and the tables that it reads. */
export interface MartUpkeep {
    /** What `elt scaffold` writes. */
    readonly text: string;
    /**
     * Of what decides over the rows: while it is the same, a table need not be filled from scratch. The hash of the SELECT
     * stands before the dash, behind it that of its columns and of the generator.
     */
    readonly rowsHash: string;
    readonly how: MartHow;
    readonly tests: readonly MartTest[];
    /** What a run asks: which keys are reached, and the rows of those keys. */
    readonly questions: readonly MartQuestion[];
}

/** How a mart is kept up to date. */
export interface MartHow {
    /** The tables whose changed rows lead to keys, one for each arm. */
    readonly arms: readonly string[];
    /** When all rows are compared, and why; empty: never. */
    readonly inFull: readonly string[];
    /** What is computed in full although few keys are asked for, and why. */
    readonly wide: readonly string[];
    /** Tables of which a run reads every row although few keys are reached. */
    readonly scanned: readonly string[];
    /** What SQLite may answer in several ways from the same rows. */
    readonly undetermined: readonly string[];
    /** All of it in one line. */
    readonly text: string;
}

/** What the upkeep is generated from. */
export interface UpkeepRequest {
    readonly name: string;
    readonly definition: MartDefinition;
    /** The schema with all tables that the SELECT reads, empty. */
    readonly database: Database;
    /** Models by the tables that they fill, in lower case. */
    readonly fillers: ReadonlyMap<string, Filler>;
    /** The table for the rows that a run touched, where another mart reads this one. */
    readonly images: string | undefined;
    readonly isMigrated: boolean;
}

export type GenerateUpkeep = (request: UpkeepRequest) => MartUpkeep;

/** A file that nobody has written is no edit either. */
export function isUneditedUpkeep(text: string): boolean {
    return text === '' || isUnedited(text);
}
