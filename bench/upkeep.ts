/**
 * `npm run bench:upkeep`: the generated upkeep of metrics beside the one that a person had written, in turn on the same
 * database and the same changed rows; each run is rolled back.
 *
 *   --history 300000   changes before
 *   --changes 2600     changes that are taken in
 *   --rounds 9         runs of each
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../src/sqlite/database.ts';
import { measuredProcess } from './measured-process.ts';
import { machine } from './report.ts';
import { median } from './statistics.ts';
import { CLI, freshFile, NODE, PROJECT, paymentsWords, sampleFile } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        history: { type: 'string', default: '300000' },
        changes: { type: 'string', default: '2600' },
        rounds: { type: 'string', default: '9' },
    },
});

const file = freshFile('upkeep.db');
await elt('run', sampleFile(Number(options.history)).path);
await elt('load', sampleFile(Number(options.changes), 'changes', 300).path);
const database = openDatabase(file, {});
const current = ['transaction', 'transaction_request', 'event_v2_data', 'payment_instrument_token_data'];
for (const table of current) {
    database.exec(readFileSync(join(PROJECT, 'sql', 'payments', 'upkeep', `current_${table}.sql`), 'utf8'));
}
const upkeeps = {
    generated: readFileSync(join(PROJECT, 'sql', 'payments', 'upkeep', 'metrics.sql'), 'utf8'),
    'by hand': readFileSync(join(PROJECT, 'bench', 'rivals', 'metrics-by-hand.sql'), 'utf8'),
};
const names = Object.keys(upkeeps) as (keyof typeof upkeeps)[];
// The indexes of both are made before: a run finds them there.
for (const name of names) {
    database.exec('savepoint made');
    database.exec(upkeeps[name]);
    const indexes = database
        .prepare("select sql from sqlite_schema where type = 'index' and sql is not null")
        .pluck()
        .all() as string[];
    database.exec('rollback to made; release made');
    for (const sql of indexes) {
        database.exec(sql.replace(/^create (unique )?index (?!if)/i, 'create $1index if not exists '));
    }
}
const times = new Map(names.map((name) => [name, [] as number[]]));
const keys = new Map<string, number>();
for (let round = 0; round < Number(options.rounds); round++) {
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
        database.exec('begin');
        const started = performance.now();
        database.exec(upkeeps[name]);
        times.get(name)?.push(performance.now() - started);
        keys.set(name, database.prepare('select count(*) from metrics_dirty').pluck().get() as number);
        database.exec('rollback');
    }
}
database.close();
const [generated, byHand] = names.map((name) => median(times.get(name) ?? []));
for (const name of names) {
    console.log(`${name}: ${median(times.get(name) ?? []).toFixed(1)} ms, ${keys.get(name)} keys`);
}
console.log(`generated / by hand: ${((generated ?? 0) / (byHand ?? 1)).toFixed(2)}; ${machine([])}`);

async function elt(command: 'run' | 'load', input: string): Promise<void> {
    await measuredProcess([NODE, CLI, ...paymentsWords(file), '--quiet', command, input]);
}
