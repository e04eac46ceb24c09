/**
 * `npm run bench:live`: `elt follow` against PostgreSQL's own programs, on a throw-away server, in one run.
 *
 *   --rounds 3       measurements a figure, in turn with those beside it
 *   --rows 400000    of the snapshot, and changes of the stream (a quarter of them at one change a transaction)
 *   --seconds 20     of each measurement of latency
 *   --no-write       print, and leave docs/benchmarks.md alone
 */
import { mkdirSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { findPostgres, NO_POSTGRES, startCluster } from '../test/support/postgres.ts';
import { cpuMs, FollowerRun, memoryMb } from './live/follower-run.ts';
import { martLatency } from './live/mart-latency.ts';
import { createPayments, createSeeds, PAYMENTS_TABLES, paymentScripts } from './live/payments-source.ts';
import { copyOut, dropSlots, receive, versionOf, write } from './live/postgres-programs.ts';
import { transformOfOneMs } from './live/transform-of-one.ts';
import { grouped, machine, markdown, publish } from './report.ts';
import { median } from './statistics.ts';
import { freshFile, landingProject, PROJECT, paymentsWords, WORKSHOP } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        rounds: { type: 'string', default: '3' },
        rows: { type: 'string', default: '400000' },
        seconds: { type: 'string', default: '20' },
        'no-write': { type: 'boolean', default: false },
    },
});
const rounds = Number(options.rounds);
const rows = Number(options.rows);
const seconds = Number(options.seconds);
const TABLE = `create table bench (id bigint primary key, customer text, total numeric(10,2), paid boolean, at timestamptz, words text, note text);`;
const VALUES = `i, 'customer ' || i % 1000, (i % 100000) / 100.0, i % 2 = 0, '2026-01-01'::timestamptz + i * interval '1 second', md5(i::text), repeat('x', i % 40)`;
const RECORDS = 12_000;
/** What wal2json tells of a change that can be landed. */
const WAL2JSON = {
    'format-version': '2',
    'include-lsn': '1',
    'include-xids': '1',
    'include-timestamp': '1',
    'include-pk': '1',
};

const installation = findPostgres();
if (installation === undefined) {
    throw new Error(NO_POSTGRES);
}
mkdirSync(WORKSHOP, { recursive: true });
const loadBefore = loadavg()[0] ?? Number.NaN;
const cluster = startCluster(installation);
process.once('SIGINT', () => process.exit(130));
const lines: string[][] = [];
try {
    say(await snapshotLine());
    for (const size of [100, 10_000, 1]) {
        for (const line of await streamLines(size)) {
            say(line);
        }
    }
    await measureMarts();
} finally {
    await cluster.stop();
}
const table = markdown(['what', 'measured', 'beside it', 'ratio', 'asked for'], lines);
const load = `Load of the machine: ${loadBefore.toFixed(1)} before, ${(loadavg()[0] ?? Number.NaN).toFixed(1)} after.`;
const about = `${machine([versionOf(cluster)])}. ${load} ${rounds === 1 ? 'One measurement a figure' : `Medians of ${rounds}`}; ${grouped(rows)} rows.`;
publish('bench:live', `${about}\n\n${table}`, !options['no-write']);

/** A line of the table, told at once: a run takes minutes. */
function say(line: string[]): void {
    console.log(line.join('; '));
    lines.push(line);
}

/** A follower of a database into a file of its own; without models but for the payments. */
function follow(name: string, words: readonly string[] = []): FollowerRun {
    const project = name === 'payments' ? PROJECT : landingProject('live');
    const common = paymentsWords(join(WORKSHOP, `live-${name}.db`), project);
    return new FollowerRun([...common, 'follow', cluster.address(name), ...words]);
}

async function snapshotLine(): Promise<string[]> {
    const session = await cluster.createDatabase('snapshot');
    await session.sql(
        `${TABLE} insert into bench select ${VALUES} from generate_series(1, ${rows}) as i; analyze bench;`,
    );
    const [plain, landed]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
        const began = performance.now();
        copyOut(cluster, 'snapshot', 'bench');
        plain.push(rows / (performance.now() - began));
        freshFile('live-snapshot.db');
        const run = follow('snapshot', ['--until-caught-up', '--no-transform']);
        await run.ended();
        landed.push(rows / run.copyMs);
        await dropSlots(session);
    }
    await session.close();
    return rateLine('snapshot landed', landed, 'psql \\copy to /dev/null', plain, '≥ 0.4');
}

async function streamLines(size: number): Promise<string[][]> {
    const name = `stream_${size}`;
    const changes = size === 1 ? rows / 4 : rows;
    const session = await cluster.createDatabase(name);
    await session.sql(TABLE);
    freshFile(`live-${name}.db`);
    await follow(name, ['--until-caught-up', '--no-transform']).ended();
    const publication = await session.sql('select pubname from pg_publication order by 1 limit 1;');
    const [plain, json, landed]: [number[], number[], number[]] = [[], [], []];
    const pgoutput = { proto_version: '1', publication_names: publication };
    for (let round = 0; round < rounds; round++) {
        await session.sql(`select pg_create_logical_replication_slot('plain_${size}', 'pgoutput'),
            pg_create_logical_replication_slot('json_${size}', 'wal2json');`);
        const first = round * changes;
        await session.sql(`set synchronous_commit = off; do $$ begin
            for i in ${first + 1}..${first + changes} loop
                insert into bench values (${VALUES});
                if i % ${size} = 0 then commit; end if;
            end loop; end $$; set synchronous_commit = on; insert into bench (id) values (-${round + 1});`);
        const end = await session.sql('select pg_current_wal_lsn();');
        plain.push(changes / receive(cluster, name, `plain_${size}`, end, pgoutput));
        landed.push(changes / (await follow(name, ['--until-caught-up', '--no-transform']).ended()));
        json.push(changes / receive(cluster, name, `json_${size}`, end, WAL2JSON));
        await session.sql(
            `select pg_drop_replication_slot('plain_${size}'), pg_drop_replication_slot('json_${size}');`,
        );
    }
    await dropSlots(session);
    await session.close();
    const asked = size === 100 ? '≥ 0.9' : size === 1 ? '≥ 0.4' : '≥ 0.5';
    const what = `stream landed, ${grouped(size)} a transaction`;
    return [
        rateLine(what, landed, 'pg_recvlogical to /dev/null', plain, asked),
        rateLine('the same', landed, 'pg_recvlogical with wal2json', json, size === 100 ? '≥ 1.2' : ''),
    ];
}

function rateLine(
    what: string,
    own: readonly number[],
    beside: string,
    others: readonly number[],
    asked: string,
): string[] {
    const text = (perMs: number): string => `${grouped(perMs)} thousand/s`;
    return [
        what,
        text(median(own)),
        `${beside}: ${text(median(others))}`,
        (median(own) / median(others)).toFixed(2),
        asked,
    ];
}

/** The payments with their marts: latency at two rates, processor time a tick, idle, memory, and a stop of 30 s. */
async function measureMarts(): Promise<void> {
    const session = await createPayments(cluster, 'payments', RECORDS);
    await createSeeds(session);
    const file = freshFile('live-payments.db');
    await follow('payments', ['--until-caught-up', '--tables', PAYMENTS_TABLES]).ended();
    const columns = (
        await session.sql(
            `select column_name from information_schema.columns where table_name = 'event_v2_data' order by ordinal_position;`,
        )
    ).split('\n');
    const folder = join(WORKSHOP, 'pgbench');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const scripts = paymentScripts(folder, columns);
    let run = follow('payments');
    await run.follows();
    await sleep(2_000);
    for (const rate of [10, 1_000]) {
        const before = cpuMs(run.pid);
        let isOver = false;
        const writing = write(cluster, scripts, rate, seconds).then(async () => {
            await sleep(2_000);
            isOver = true;
        });
        const { p50, p99, changes, ticks } = await martLatency(file, 'metrics', () => isOver);
        await writing;
        const cpu = (cpuMs(run.pid) - before) / ticks;
        const name = `commit to mart, ${grouped(rate)}/s`;
        const one = await transformOfOneMs(file);
        const most = rate === 10 ? 5 : 8;
        say([
            name,
            `p50 ${p50} ms, p99 ${p99} ms`,
            `${grouped(changes)} changes in ${ticks} commits; one transform of one change: ${one.toFixed(1)} ms`,
            (p99 / one).toFixed(1),
            `p99 ≤ 250 ms, or ≤ ${most}`,
        ]);
        say([
            `processor time a commit, ${grouped(rate)}/s`,
            `${cpu.toFixed(1)} ms`,
            `${(changes / ticks).toFixed(1)} changes a commit`,
            '',
            rate === 10 ? '≤ 20 ms' : '',
        ]);
    }
    const idleFrom = cpuMs(run.pid);
    await sleep(seconds * 1_000);
    const idle = (cpuMs(run.pid) - idleFrom) / (seconds * 10);
    say(['idle', `${idle.toFixed(1)} % of a core`, '', '', '< 1 %']);
    say(['memory, the most of it all', `${Math.round(memoryMb(run.pid))} MB`, '', '', '< 150 MB']);
    await run.end();
    await write(cluster, scripts, 1_000, 30);
    const target = await session.sql('select count(*) from event_v2_data;');
    const began = performance.now();
    run = follow('payments');
    await until(() => countEvents(file) === Number(target));
    say([
        'a stop of 30 s at 1,000/s, caught up with its marts',
        `${((performance.now() - began) / 1_000).toFixed(1)} s`,
        '',
        '',
        '< 10 s',
    ]);
    await run.end();
    await session.close();
}

function countEvents(file: string): number {
    const database = new Database(file, { readonly: true });
    const count = database.prepare('select count(*) from current_event_v2_data').pluck().get() as number;
    database.close();
    return count;
}

async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
        await sleep(20);
    }
}
