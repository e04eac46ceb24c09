import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPostgres, NO_POSTGRES, startCluster } from '../support/postgres.ts';
import { sharedServer } from '../support/start-search.ts';
import { pushRounds } from './push-rounds.ts';

/** `npm run push-tests -- --seed N --kills 50`: kills at length. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, kills: { type: 'string' } } });
const installation = findPostgres();
if (installation === undefined) {
    throw new Error(NO_POSTGRES);
}
const folder = mkdtempSync(join(tmpdir(), 'elt-push-'));
const cluster = startCluster(installation);
try {
    const search = await sharedServer(folder, process.pid);
    const seed = Number(values.seed ?? 1);
    const done = await pushRounds({ cluster, search, seed, kills: Number(values.kills ?? 50), log: console.log });
    console.log(`seed ${seed}: ${done.kills} kills in ${done.rounds} rounds, ${done.wrong.length} wrong`);
    for (const line of done.wrong) {
        console.log(line);
    }
    process.exitCode = done.wrong.length === 0 ? 0 : 1;
} finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
