/**
 * `npm run bench:lake`: what a push to a lake costs, in time, processor time and memory, and how large the lake is beside
 * the database: a first push of mixed changes, one of 1,000 more, one with nothing new, and a check of every part.
 *
 *   --sizes 300000,3000000   changes of the first push
 *   --no-write               print, and leave docs/benchmarks.md alone
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Measure, measuredProcess } from './measured-process.ts';
import { grouped, machine, markdown, publish } from './report.ts';
import { CLI, databaseBytes, freshFile, NODE, removeDatabase, WORKSHOP } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        sizes: { type: 'string', default: '300000,3000000' },
        'no-write': { type: 'boolean', default: false },
    },
});
mkdirSync(WORKSHOP, { recursive: true });
const folder = join(WORKSHOP, 'lake');
const lines: string[][] = [];
for (const size of options.sizes.split(',').map(Number)) {
    await measureSize(size);
}
const table = markdown(['changes', 'what', 'seconds', 'CPU s', 'changes/s', 'memory MB', 'size'], lines);
const text = `${machine([])}\n\n${table}`;
publish('bench:lake', text, !options['no-write']);

async function measureSize(size: number): Promise<void> {
    const database = freshFile(`lake-${size}.db`);
    rmSync(folder, { recursive: true, force: true });
    const words = [NODE, CLI, '--pipeline', 'payments', '--db', database];
    try {
        execFileSync(words[0] as string, [...words.slice(1), '--quiet', 'migrate'], { stdio: 'ignore' });
        land(words, size, 1);
        const push = [...words, 'lake', 'push', '--to', folder];
        const first = await measuredProcess(push);
        add(size, 'first push', first, size, `${mb(lakeBytes())} of ${mb(databaseBytes(database))}`);
        land(words, 1_000, 2);
        add(size, '1,000 more', await measuredProcess(push), 1_000, '');
        add(size, 'nothing new', await measuredProcess(push), null, '');
        add(size, 'check', await measuredProcess([...words, 'lake', 'check']), null, '');
    } finally {
        removeDatabase(database);
        rmSync(folder, { recursive: true, force: true });
    }
}

/** Through a pipe: three million changes would be six gigabytes on the disk. */
function land(words: readonly string[], records: number, seed: number): void {
    const quoted = (list: readonly string[]): string => list.map((word) => `'${word}'`).join(' ');
    const sample = ['sample', 'payments', '--records', String(records), '--seed', String(seed), '--mix', 'changes'];
    const pipe = `${quoted([NODE, CLI, ...sample, '--shape', 'lines'])} | ${quoted([...words, 'load', '--as-new', '-'])}`;
    execFileSync('bash', ['-o', 'pipefail', '-c', pipe], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function add(size: number, what: string, measure: Measure, changes: number | null, bytes: string): void {
    const { seconds, cpuSeconds, memoryMb } = measure;
    const shown = (value: number, digits: number): string => (Number.isNaN(value) ? '–' : value.toFixed(digits));
    lines.push([
        grouped(size),
        what,
        shown(seconds, 2),
        shown(cpuSeconds, 2),
        changes === null ? '' : grouped(changes / seconds),
        shown(memoryMb, 0),
        bytes,
    ]);
}

function lakeBytes(): number {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function mb(bytes: number): string {
    return `${Math.round(bytes / 1e6)} MB`;
}
