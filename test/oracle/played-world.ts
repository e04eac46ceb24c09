import type { Coverage } from './coverage.ts';
import type { Difference } from './difference.ts';
import type { WorldPlan } from './world-plan.ts';

/** A history that is played piece by piece, with what `elt` makes of it. */
export interface PlayedWorld {
    readonly coverage: Coverage;
    readonly plan: WorldPlan;
    readonly folder: string;
    /** One piece, taken in and compared. An empty answer: no difference. */
    round(): Promise<Difference[]>;
    /** What is too slow for each round. */
    finish(): Promise<Difference[]>;
    /** `keep` leaves the folder for a person to look at. */
    close(keep?: boolean): Promise<void>;
}
