/**
 * `npm run bench:history`: the time of a run of 1,000 new changes against the history before it, with a plot.
 *
 *   --histories 10000,30000,100000,300000,1000000   changes before the runs
 *   --rounds 5                                      runs a figure
 *   --no-write                                      print, and leave docs/ alone
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { linePlot } from './line-plot.ts';
import { measuredProcess } from './measured-process.ts';
import { grouped, keepOnPage, machine, markdown, spreadText } from './report.ts';
import { median } from './statistics.ts';
import { CLI, freshFile, NODE, PROJECT, paymentsWords, sampleFile } from './workshop.ts';

const { values: options } = parseArgs({
    options: {
        histories: { type: 'string', default: '10000,30000,100000,300000,1000000' },
        rounds: { type: 'string', default: '5' },
        'no-write': { type: 'boolean', default: false },
    },
});

/** Of a whole process, of its landing, and of its models with their tests; seconds. */
interface Run {
    readonly whole: number;
    readonly landing: number;
    readonly models: number;
    readonly cpu: number;
}

const databases = new Map<number, string>();
const histories = options.histories.split(',').map(Number);
for (const history of histories) {
    await measuredProcess(run(sampleFile(history).path, history));
}
const runs = new Map<number, Run[]>(histories.map((history) => [history, []]));
for (let round = 0; round < Number(options.rounds); round++) {
    // In turn over the histories, so that whatever else the machine does meets all alike.
    for (const history of histories) {
        const measure = await measuredProcess(run(sampleFile(1_000, 'inserts', 300 + round).path, history));
        runs.get(history)?.push(partsOf(measure.stdout, measure.seconds, measure.cpuSeconds));
    }
}
const text = render();
process.stdout.write(`${text}\n`);
if (!options['no-write']) {
    writeFileSync(join(PROJECT, 'docs', 'history.svg'), plot());
    const page = `${text}\n![seconds of a run of 1,000 changes against the history](history.svg)`;
    keepOnPage('bench:history', page);
}

function run(input: string, history: number): string[] {
    const database = databases.get(history) ?? freshFile(`growing-${history}.db`);
    databases.set(history, database);
    return [NODE, CLI, ...paymentsWords(database), '--quiet', '--json', 'run', input];
}

function partsOf(stdout: string, whole: number, cpu: number): Run {
    const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
        loads: { milliseconds: number }[];
        models: { milliseconds: number }[];
        tests: { milliseconds: number }[];
    };
    const seconds = (parts: readonly { milliseconds: number }[]): number =>
        parts.reduce((sum, part) => sum + part.milliseconds, 0) / 1_000;
    return { whole, cpu, landing: seconds(result.loads), models: seconds([...result.models, ...result.tests]) };
}

function render(): string {
    const lines = histories.map((history) => {
        const measured = runs.get(history) ?? [];
        const all = measured.map((one) => one.whole);
        const of = (key: keyof Run): string => median(measured.map((one) => one[key])).toFixed(3);
        return [grouped(history), of('whole'), spreadText(all), of('cpu'), of('landing'), of('models')];
    });
    const head = ['changes before', 'whole process s', 'spread', 'CPU s', 'landing s', 'models and tests s'];
    return `${machine([])}\n\n### A run of 1,000 new changes against the history\n\n${markdown(head, lines)}`;
}

function plot(): string {
    const series = (key: keyof Run) =>
        histories.map((history) => ({ x: history, y: median((runs.get(history) ?? []).map((one) => one[key])) }));
    return linePlot('A run of 1,000 new changes', 'changes before the run', 'seconds', [
        { name: 'whole process', points: series('whole') },
        { name: 'its CPU time', points: series('cpu') },
        { name: 'models and tests', points: series('models') },
    ]);
}
