import type { Database } from '../sqlite/database.ts';
import { hasLakes, readPulls } from './lakes.ts';
import { readStream } from './loads.ts';
import { readModelStates, readWatermarks } from './model-state.ts';

/**
 * Those of some marts that no run has filled since their table was created: a migration creates an empty table, which
 * says nothing. A mart that a run has found to be empty is filled, and so is one that was pulled from a lake.
 */
export function unfilledOf(database: Database, marts: readonly string[]): readonly string[] {
    const states = readModelStates(database);
    const watermarks = readWatermarks(database);
    const pulled = new Set((hasLakes(database) ? readPulls(database) : []).map(({ mart }) => mart));
    const hasLanded = readStream(database).whole_seq > 0;
    return marts.filter((mart) => {
        const { watermark } = watermarks.get(mart) ?? {};
        // A migration that creates the table of a mart anew sets its watermark to 0.
        return !pulled.has(mart) && (!states.has(mart) || (watermark === 0 && hasLanded));
    });
}
