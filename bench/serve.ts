/**
 * `npm run bench:serve`: what `elt serve` answers on loopback, against the same question in the bare driver, in one run.
 *
 *   --rounds 5      measurements a figure, in turn with those beside it
 *   --seconds 3     of each measurement
 *   --clients 32    connections that are kept alive
 *   --viewers 200   in place of all that: so many open pages of a dashboard
 *   --rows 2000000  card transactions of that dashboard
 *   --no-write      print, and leave docs/benchmarks.md alone
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readQuestion } from '../src/query/question.ts';
import { measuredProcess } from './measured-process.ts';
import { grouped, machine, markdown, publish } from './report.ts';
import { EVENTS, MERCHANT_TYPES, transactionsFile, USERS } from './serve-inputs.ts';
import { databaseOf, startServer } from './serving.ts';
import { median } from './statistics.ts';
import { measureViewers } from './viewers.ts';
import { CLI, eventsFile, NODE, PROJECT } from './workshop.ts';

const TRANSACTIONS = 200_000;

const { values: options } = parseArgs({
    options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '3' },
        clients: { type: 'string', default: '32' },
        viewers: { type: 'string' },
        rows: { type: 'string', default: '2000000' },
        'no-write': { type: 'boolean', default: false },
    },
});
if (options.viewers !== undefined) {
    const text = await measureViewers(Number(options.viewers), Number(options.rows));
    publish('bench:viewers', text, !options['no-write']);
    process.exit();
}

/** What the load generator and the bare driver print. */
interface Measured {
    readonly requests: number;
    readonly seconds: number;
    readonly failed: number;
    readonly p50: number;
    readonly p99: number;
    /** Processor time of the server and its readers for a request, ms. */
    readonly cpu: number;
}

/** A figure of the table. */
interface Case {
    readonly name: string;
    readonly measure: () => Promise<Measured>;
}

const card = await databaseOf('card_spend', transactionsFile(TRANSACTIONS, 1));
const game = await databaseOf('game', eventsFile(EVENTS));
const pipelines = ['--pipeline', 'card_spend', '--pipeline', 'game'];
const databases = ['--db', `card_spend=${card.db}`, '--db', `game=${game.db}`];
copyFileSync(card.db, `${card.db}.fresh`);
let server = await startServer([...pipelines, ...databases]);
const clients = Number(options.clients);
const users = Array.from({ length: 500 }, (_, index) => String((index * 37) % USERS));
const point = users.map((user) => `/api/v1/data/transactions/${user}`);
const types = Array.from({ length: MERCHANT_TYPES }, (_, index) => String(5_000 + index));
const daily = types.map((type) => `/api/v1/data/netAmount/${type}`);
const countries = ['DE', 'US', 'FR', 'JP'];
const stats = countries.map((country) => `/api/v1/game/stats?country=${country}`);

const cases: readonly Case[] = [
    over('point query', 'bare driver', () =>
        bare(
            'card_spend',
            'transactions',
            users.map((userId) => ({ userId })),
        ),
    ),
    over('point query', '1 client', () => http(1, point)),
    over('point query', `${clients} clients`, () => http(clients, point)),
    over('point query', `${clients} clients, while a load runs`, () => duringLoad(() => http(clients, point))),
    over('point query', `${clients} clients, not modified`, () => http(clients, point, true)),
    over('2,000 rows by day', 'bare driver', () =>
        bare(
            'card_spend',
            'net_amount',
            types.map((merchantTypeCode) => ({ merchantTypeCode })),
        ),
    ),
    over('2,000 rows by day', '1 client', () => http(1, daily)),
    over('2,000 rows by day', `${clients} clients`, () => http(clients, daily)),
    over('statistics of the game', 'bare driver', () =>
        bare(
            'game',
            'game_stats',
            countries.map((country) => ({ country, date: null })),
        ),
    ),
    over('statistics of the game', '1 client', () => http(1, stats)),
    over('statistics of the game', `${clients} clients`, () => http(clients, stats)),
    over('statistics of the game', '1 client, while a load runs', () => duringLoad(() => http(1, stats))),
];
const measured = new Map<string, Measured[]>(cases.map(({ name }) => [name, []]));
for (let round = 0; round < Number(options.rounds); round++) {
    for (const { name, measure } of cases) {
        measured.get(name)?.push(await measure());
    }
    // The loads have made the table larger: each round begins with the same one.
    await stopServer(server);
    copyFileSync(`${card.db}.fresh`, card.db);
    server = await startServer([...pipelines, ...databases]);
}
await stopServer(server);
const text = render();
publish('bench:serve', text, !options['no-write']);

function over(question: string, how: string, measure: () => Promise<Measured>): Case {
    return { name: `${question} | ${how}`, measure };
}

function render(): string {
    const rows = cases.map(({ name }) => {
        const all = measured.get(name) ?? [];
        const figure = (pick: (one: Measured) => number): number => median(all.map(pick));
        const [question = '', how = ''] = name.split(' | ');
        const bareP50 = median((measured.get(`${question} | bare driver`) ?? []).map(({ p50 }) => p50));
        const p50 = figure((one) => one.p50);
        const cpu = figure((one) => one.cpu);
        const best = all.reduce((one, other) => (other.requests > one.requests ? other : one));
        return [
            question,
            how,
            grouped(figure(({ requests, seconds }) => requests / seconds)),
            p50.toFixed(2),
            figure((one) => one.p99).toFixed(2),
            grouped(best.requests / best.seconds),
            best.p50.toFixed(2),
            best.p99.toFixed(2),
            how.includes(`${clients} clients`) ? '' : (p50 / bareP50).toFixed(2),
            Number.isNaN(cpu) ? '' : cpu.toFixed(3),
        ];
    });
    return `${machine([])}\n\n${markdown(['question', 'asked by', 'answers/s', 'p50 ms', 'p99 ms', 'best round: answers/s', 'p50 ms', 'p99 ms', 'times the driver', 'CPU ms'], rows)}`;
}

async function http(count: number, paths: readonly string[], isNotModified = false): Promise<Measured> {
    const { port } = server;
    const before = cpuMs();
    const program = join(PROJECT, 'bench', 'http-clients.ts');
    const words = [
        NODE,
        program,
        String(port),
        String(count),
        String(options.seconds),
        isNotModified ? 'etag' : 'fresh',
        ...paths,
    ];
    const run = JSON.parse((await measuredProcess(words)).stdout) as Omit<Measured, 'cpu'> & { readonly all: number };
    if (run.failed > 0) {
        throw new Error(`${run.failed} requests failed`);
    }
    return { ...run, cpu: (cpuMs() - before) / run.all };
}

async function bare(pipeline: string, name: string, values: readonly object[]): Promise<Measured> {
    const { db } = pipeline === 'game' ? game : card;
    const sql = readQuestion(join(PROJECT, 'sql'), pipeline, name).statement.sql;
    const program = join(PROJECT, 'bench', 'bare-driver.ts');
    const input = JSON.stringify({ sql, values });
    const ran = await measuredProcess([NODE, program, db, String(options.seconds)], input);
    return { ...(JSON.parse(ran.stdout) as Measured), cpu: Number.NaN };
}

/** Processor time of the server and its readers so far. Source: proc(5), `stat`, in ticks of 10 ms. */
function cpuMs(): number {
    const pid = server.pid as number;
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return [String(pid), ...children].reduce((sum, one) => {
        const fields = readFileSync(`/proc/${one}/stat`, 'utf8')
            .replace(/^.*\) /, '')
            .split(' ');
        return sum + (Number(fields[11]) + Number(fields[12])) * 10;
    }, 0);
}

/** Lands and transforms new transactions, again and again, for as long as `work` takes. */
async function duringLoad(work: () => Promise<Measured>): Promise<Measured> {
    let isDone = false;
    const { words } = card;
    const loading = (async () => {
        for (let seed = 2; !isDone; seed++) {
            const file = transactionsFile(20_000, seed);
            const child = spawn(NODE, [CLI, ...words, 'run', '--as-new', '--quiet', file], { stdio: 'ignore' });
            await new Promise((resolve) => child.on('close', resolve));
        }
    })();
    const result = await work();
    isDone = true;
    await loading;
    return result;
}

async function stopServer(child: ChildProcess): Promise<void> {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    await ended;
    for (const ending of ['-wal', '-shm']) {
        rmSync(`${card.db}${ending}`, { force: true });
    }
}
