/**
 * `npm run bench:game`: events of the game, landed and cleaned in one run, beside DuckDB doing the same cleaning.
 *
 *   --events 1000000   lines made by `elt sample game`
 *   --rounds 3         fresh processes a figure, in turn
 *   --no-write         print, and leave docs/benchmarks.md alone
 *
 * Both must come to the same counts of users, sessions, purchases and discarded events, else nothing is written.
 */
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { duckdbVersion } from './contestants.ts';
import { type Measure, measuredProcess } from './measured-process.ts';
import { grouped, machine, markdown, publish, spreadText } from './report.ts';
import { median } from './statistics.ts';
import { CLI, databaseBytes, eventsFile, freshFile, NODE, PROJECT, removeDatabase, WORKSHOP } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        events: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: '3' },
        'no-write': { type: 'boolean', default: false },
    },
});
const events = Number(options.events);
const rounds = Number(options.rounds);

interface Contestant {
    readonly name: string;
    readonly output: string;
    readonly command: (output: string) => readonly string[];
    /** 4: elt says that lines were put aside. */
    readonly status: number;
    readonly counts: (stdout: string, output: string) => Record<string, number>;
}

const COUNTS = `select json_group_object(what, found) from (
    select reason as what, count(*) as found from discarded group by reason
    union all select 'users', count(*) from users
    union all select 'sessions', count(*) from sessions
    union all select 'transactions', count(*) from transactions
    order by 1
)`;

const input = eventsFile(events);
const rates = join(WORKSHOP, 'exchange_rates.jsonl');
writeFileSync(rates, execFileSync(NODE, [CLI, 'sample', 'exchange_rates']));
const version = duckdbVersion();
const contestants = [elt(), ...(version === undefined ? [] : [duckdb(version)])];
const measures = await measureAll();
const text = [
    machine(version === undefined ? ['DuckDB: not installed here, left out'] : []),
    '',
    `### ${grouped(events)} events of the game, landed and cleaned in one run (${megabytes(statSync(input).size)} MB)`,
    '',
    render(),
].join('\n');
publish('bench:game', text, !options['no-write']);

function elt(): Contestant {
    const words = (output: string) => ['--db', output, '--pipeline', 'game', '--project', PROJECT, '--quiet'];
    return {
        name: 'elt',
        output: 'game.db',
        command: (output) => [NODE, CLI, 'run', input, rates, ...words(output)],
        status: 4,
        counts: (_, output) => JSON.parse(execFileSync('sqlite3', [output, COUNTS], { encoding: 'utf8' })),
    };
}

function duckdb(known: string): Contestant {
    return {
        name: `DuckDB ${known}`,
        output: 'game.duckdb',
        command: (output) => [NODE, join(PROJECT, 'bench', 'rivals', 'game-duckdb.ts'), input, output],
        status: 0,
        counts: (stdout) => JSON.parse(stdout).counts,
    };
}

interface Measured extends Measure {
    readonly bytes: number;
}

async function measureAll(): Promise<ReadonlyMap<Contestant, readonly Measured[]>> {
    const found = new Map<Contestant, Measured[]>(contestants.map((one) => [one, []]));
    const counts = new Set<string>();
    for (let round = 0; round < rounds; round++) {
        for (const one of contestants) {
            const output = freshFile(one.output);
            const measure = await measuredProcess(one.command(output), undefined, one.status);
            counts.add(JSON.stringify(Object.entries(one.counts(measure.stdout, output)).sort()));
            found.get(one)?.push({ ...measure, bytes: databaseBytes(output) });
            process.stderr.write(`${round + 1}/${rounds} ${one.name}: ${measure.seconds.toFixed(1)} s\n`);
            removeDatabase(output);
        }
    }
    if (counts.size > 1) {
        throw new Error(`they differ:\n${[...counts].join('\n')}`);
    }
    return found;
}

function render(): string {
    const lines = contestants.map((one) => {
        const all = measures.get(one) ?? [];
        const of = (key: 'seconds' | 'cpuSeconds' | 'memoryMb' | 'bytes'): number => median(all.map((of) => of[key]));
        return [
            one.name,
            of('seconds').toFixed(1),
            spreadText(all.map(({ seconds }) => seconds)),
            of('cpuSeconds').toFixed(1),
            grouped(events / of('seconds')),
            of('memoryMb').toFixed(0),
            megabytes(of('bytes')),
        ];
    });
    return markdown(['who', 'seconds', 'spread', 'CPU s', 'events/s', 'memory MB', 'file MB'], lines);
}

function megabytes(bytes: number): string {
    return (bytes / 1e6).toFixed(1);
}
