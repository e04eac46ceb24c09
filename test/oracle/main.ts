import { parseArgs } from 'node:util';
import { findPostgres, NO_POSTGRES, startCluster } from '../support/postgres.ts';
import { ELT_CASES } from './coverage.ts';
import { eltIsBuilt } from './elt.ts';
import { runWorlds } from './run-worlds.ts';

/*
 * npm run oracle -- --seed N --rounds N [--stream-only] [--live] [--keep]
 * Random histories on a real PostgreSQL, captured by wal2json, landed by elt, compared after each piece.
 * --keep leaves the folders of failed worlds (sources, SQLite file) behind and prints their names.
 * --live has `elt follow` read the histories through a slot while they are written, killed now and then, instead of files.
 * --stream-only leaves elt out: it proves the workload, the capture and the replay.
 * Exit status 0: no difference and every case occurred; 1: a difference or a case that never occurred; 2: cannot run.
 */
const { values } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '200' },
        'stream-only': { type: 'boolean', default: false },
        live: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
    },
});
process.exitCode = await main(Number(values.seed), Number(values.rounds));

async function main(seed: number, rounds: number): Promise<number> {
    const { 'stream-only': streamOnly, live, keep } = values;
    const installation = findPostgres();
    if (installation === undefined) {
        console.error(NO_POSTGRES);
        return 2;
    }
    if (!streamOnly && !eltIsBuilt()) {
        console.error('dist/cli.js is missing: npm run build');
        return 2;
    }
    const started = performance.now();
    const cluster = startCluster(installation);
    // Through `exit`, which stops the server and removes its folder.
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    try {
        console.log(cluster.version);
        const result = await runWorlds(cluster, { seed, rounds, withElt: !streamOnly, live, keep, say: console.log });
        console.log(`\n${result.coverage.table()}\n`);
        const missing = result.coverage.rare().filter((name) => !live && (!streamOnly || !ELT_CASES.has(name)));
        if (missing.length > 0) {
            console.log(`never occurred (more rounds, or a hole in the workload): ${missing.join('; ')}`);
        }
        const seconds = Math.round((performance.now() - started) / 1_000);
        console.log(`${result.rounds} rounds in ${seconds} s, ${result.failures.length} worlds with a difference`);
        // A short run is a replay; only a long one must have met every case.
        return result.failures.length > 0 || (missing.length > 0 && rounds >= 200) ? 1 : 0;
    } finally {
        await cluster.stop();
    }
}
