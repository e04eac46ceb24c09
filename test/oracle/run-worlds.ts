import type { Cluster } from '../support/postgres.ts';
import { COVERAGE_CASES, Coverage } from './coverage.ts';
import { type Difference, printDifference } from './difference.ts';
import { LiveWorld } from './live-world.ts';
import type { PlayedWorld } from './played-world.ts';
import { World } from './world.ts';

/** A history longer than this meets little that is new; a fresh one has other tables, types and options. */
const WORLD_ROUNDS_MAX = 25;

export interface WorldsResult {
    readonly rounds: number;
    readonly coverage: Coverage;
    /** Text ready to print: the first difference or failure of each world, with the command that replays it. */
    readonly failures: readonly string[];
}

/** Runs `rounds` pieces of history over as many worlds as they need, with seeds from `seed` on. */
export async function runWorlds(
    cluster: Cluster,
    options: {
        readonly seed: number;
        readonly rounds: number;
        readonly roundsPerWorld?: number;
        readonly withElt: boolean;
        /** Follows the history through a slot, instead of by files. */
        readonly live?: boolean;
        /** Leaves the folders of worlds with a difference behind. */
        readonly keep?: boolean;
        readonly say?: (text: string) => void;
    },
): Promise<WorldsResult> {
    const coverage = new Coverage();
    const failures: string[] = [];
    const most = options.roundsPerWorld ?? WORLD_ROUNDS_MAX;
    let rounds = 0;
    for (let seed = options.seed; rounds < options.rounds; seed++) {
        const world: PlayedWorld =
            options.live === true
                ? await LiveWorld.open(cluster, seed)
                : await World.open(cluster, seed, options.withElt);
        const planned = Math.min(most, options.rounds - rounds);
        const failure = await runWorld(world, planned, options.live === true);
        rounds += planned;
        for (const name of COVERAGE_CASES) {
            coverage.hit(name, world.coverage.count(name));
        }
        if (failure !== undefined) {
            failures.push(failure);
        }
        const { pipeline, format } = world.plan;
        options.say?.(
            `seed ${seed}: ${pipeline}, ${options.live === true ? 'live' : `format ${format}`}, ${planned} rounds: ${failure === undefined ? 'equal' : `\n${failure}`}`,
        );
        const keep = failure !== undefined && options.keep === true;
        if (keep) {
            options.say?.(`kept: ${world.folder}`);
        }
        await world.close(keep);
    }
    return { rounds, coverage, failures };
}

async function runWorld(world: PlayedWorld, rounds: number, live: boolean): Promise<string | undefined> {
    let round = 0;
    try {
        for (round = 1; round <= rounds; round++) {
            const differences = await world.round();
            if (differences.length > 0) {
                return report(world, round, differences.map(printDifference), live);
            }
        }
        const differences = await world.finish();
        return differences.length === 0 ? undefined : report(world, rounds, differences.map(printDifference), live);
    } catch (error) {
        return report(world, round, [error instanceof Error ? (error.stack ?? error.message) : String(error)], live);
    }
}

function report(world: PlayedWorld, round: number, findings: readonly string[], live: boolean): string {
    const { seed, pipeline, captureOptions } = world.plan;
    const more = findings.length > 5 ? `\n… and ${findings.length - 5} more` : '';
    return `seed ${seed}, round ${round}, pipeline ${pipeline}, ${live ? 'through a slot' : `wal2json ${JSON.stringify(captureOptions)}`}
${findings.slice(0, 5).join('\n')}${more}
replay: npm run oracle --${live ? ' --live' : ''} --seed ${seed} --rounds ${Math.min(round, WORLD_ROUNDS_MAX)}`;
}

export type { Difference };
