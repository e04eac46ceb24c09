/**
 * `npm run bench:ticks`: what new changes cost a process that stays, on a history, beside a fresh process of `elt run`
 * for the same changes, in turn: seconds until the mart is published, and CPU. Needs a PostgreSQL server to start.
 *
 *   --history 300000   changes before
 *   --rounds 5         ticks of 1,000 changes; of 24 there are four times as many
 *   --seconds 20       in which nothing is new
 *   --no-write         print, and leave docs/benchmarks.md alone
 *
 * All must come to the same rows of `metrics`, else nothing is written.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { findPostgres, NO_POSTGRES, startCluster } from '../test/support/postgres.ts';
import { FollowerRun } from './live/follower-run.ts';
import { createPayments, PAYMENTS_TABLES, paymentsSample } from './live/payments-source.ts';
import { versionOf } from './live/postgres-programs.ts';
import { grouped, machine, markdown, publish, spreadText } from './report.ts';
import { median } from './statistics.ts';
import { batchOf } from './ticks/batch.ts';
import { freshRuns, pipeReader, serverFollower, type Tick, type Ticker } from './ticks/tickers.ts';
import { freshFile, paymentsWords, WORKSHOP } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        history: { type: 'string', default: '300000' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '20' },
        'no-write': { type: 'boolean', default: false },
    },
});
const history = Number(options.history);
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
/** Sizes of a tick, how often, and the first of their seeds: no two batches have the same keys. */
const SIZES = [
    { size: 1_000, ticks: rounds, seed: 500 },
    { size: 24, ticks: 4 * rounds, seed: 600 },
] as const;

const installation = findPostgres();
if (installation === undefined) {
    throw new Error(NO_POSTGRES);
}
mkdirSync(WORKSHOP, { recursive: true });
process.once('SIGINT', () => process.exit(130));
const cluster = startCluster(installation);
const lines: string[][] = [];
const tickers: Ticker[] = [];
try {
    tickers.push(...(await allTickers()));
    for (const { size, ticks, seed } of SIZES) {
        lines.push(...(await tickLines(tickers, size, ticks, seed)));
    }
    lines.push(...(await idleLines(tickers)));
} finally {
    await Promise.all(tickers.map(({ end }) => end()));
    await cluster.stop();
}
refuseOtherRows(tickers);
const head = ['new', 'who', 'seconds to the mart', 'spread', 'times', 'CPU ms', 'times'];
const text = [
    machine([versionOf(cluster)]),
    '',
    `### Ticks on a history of ${grouped(history)}`,
    '',
    markdown(head, lines),
].join('\n');
publish('bench:ticks', text, !options['no-write']);

/** Each with a file of its own that holds the history; the fresh processes come first, as the others are set beside them. */
async function allTickers(): Promise<readonly Ticker[]> {
    const session = await createPayments(cluster, 'ticks', history);
    const [fresh, piped, followed] = ['run', 'pipe', 'follow'].map((name) => freshFile(`ticks-${name}.db`)) as [
        string,
        string,
        string,
    ];
    copyFileSync(paymentsSample(history), fresh);
    copyFileSync(paymentsSample(history), piped);
    const address = cluster.address('ticks');
    await new FollowerRun([
        ...paymentsWords(followed),
        'follow',
        address,
        '--until-caught-up',
        '--tables',
        PAYMENTS_TABLES,
    ]).ended();
    return [freshRuns(fresh), await serverFollower(followed, address, session), await pipeReader(piped)];
}

async function tickLines(
    tickers: readonly Ticker[],
    size: number,
    ticks: number,
    seed: number,
): Promise<readonly string[][]> {
    const measured = new Map<Ticker, Tick[]>(tickers.map((one) => [one, []]));
    for (let round = 0; round < ticks; round++) {
        const batch = batchOf(size, seed + round);
        for (const one of tickers) {
            const tick = await one.take(batch);
            measured.get(one)?.push(tick);
            process.stderr.write(`${round + 1}/${ticks} ${size} by ${one.name}: ${tick.seconds.toFixed(3)} s\n`);
        }
    }
    const [first] = [...measured.values()].map(figuresOf);
    return [...measured].map(([one, taken]) => {
        const own = figuresOf(taken);
        return [
            `${grouped(size)} changes`,
            one.name,
            own.seconds.toFixed(3),
            spreadText(taken.map((tick) => tick.seconds)),
            times(own.seconds, first?.seconds),
            (own.cpuSeconds * 1_000).toFixed(0),
            times(own.cpuSeconds, first?.cpuSeconds),
        ];
    });
}

/** The processor time of a process that stays is known in steps of 10 ms, so its ticks are taken together. */
function figuresOf(ticks: readonly Tick[]): Tick {
    return {
        seconds: median(ticks.map((tick) => tick.seconds)),
        cpuSeconds: ticks.reduce((sum, tick) => sum + tick.cpuSeconds, 0) / ticks.length,
    };
}

function times(own: number, base = Number.NaN): string {
    return (own / base).toFixed(2);
}

async function idleLines(tickers: readonly Ticker[]): Promise<readonly string[][]> {
    const last = batchOf(24, SIZES[1].seed + SIZES[1].ticks - 1);
    const idle: string[][] = [];
    for (const one of tickers) {
        const tick = await one.idle(last, seconds);
        const cpuMs = tick.cpuSeconds * 1_000;
        idle.push(
            one.stays
                ? ['nothing', one.name, '', '', '', `${(cpuMs / seconds).toFixed(1)} a second`, '']
                : ['nothing', one.name, tick.seconds.toFixed(3), '', '', cpuMs.toFixed(0), ''],
        );
    }
    return idle;
}

/** The marts of all are the same, cell by cell. */
function refuseOtherRows(tickers: readonly Ticker[]): void {
    const hashes = tickers.map(({ file }) => {
        const database = new Database(file, { readonly: true });
        const hash = createHash('sha256');
        for (const row of database.prepare('select * from metrics order by event_id').raw().iterate()) {
            hash.update(JSON.stringify(row));
        }
        database.close();
        return hash.digest('hex');
    });
    if (new Set(hashes).size !== 1) {
        throw new Error(
            `not the same rows of metrics: ${tickers.map(({ name }, at) => `${name} ${hashes[at]}`).join(', ')}`,
        );
    }
}
