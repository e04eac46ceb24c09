/**
 * `npm run bench`: measures elt and its rivals on the same files, in one run, by fresh processes in turn.
 *
 *   --sizes 1000,30000,300000   of the first runs (300000 also is the history of the others)
 *   --history 300000            changes before the runs of 1,000 and 24 new ones
 *   --rounds 5                  processes a figure
 *   --only text                 only tables whose title holds it, or another one that is given so
 *   --elt name=dist/cli.js      another build, measured beside this one
 *   --rivals DuckDB             only rivals whose name holds it: of 4 GB not all can be read
 *   --no-rivals, --no-write     ourselves only; print, and leave docs/benchmarks.md alone
 *
 * A table is kept in docs/benchmarks.json as soon as it is measured, in place of the one with its title: a long run
 * may be cut, and one table measured anew. Within a table all figures come from one run.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compareResults } from './compare-results.ts';
import { type Contestant, eltContestants, rivals } from './contestants.ts';
import { hostileTable } from './hostile.ts';
import { lateEventsLine } from './late-events.ts';
import { measuredProcess } from './measured-process.ts';
import { type Figures, keepOnPage, machine, renderTables } from './report.ts';
import { typedTables } from './rivals/typed-tables.ts';
import {
    appendRows,
    commandRows,
    emptyRow,
    fairRows,
    firstRows,
    historyFile,
    inStepsRow,
    keepStaged,
    mixRows,
    outputBytes,
    type Row,
    rebuildRows,
} from './rows.ts';
import { CLI, freshFile, landingProject, PROJECT, removeDatabase, sampleFile, WORKSHOP } from './workshop.ts';

const KEPT = join(PROJECT, 'docs', 'benchmarks.json');

/** Changes of the mixed file at the most: a larger one says nothing more. */
const MIXED_MAX = 300_000;

const { values: options } = parseArgs({
    options: {
        sizes: { type: 'string', default: '1000,30000,300000' },
        history: { type: 'string', default: '300000' },
        rounds: { type: 'string', default: '5' },
        only: { type: 'string', multiple: true, default: [''] },
        elt: { type: 'string', multiple: true, default: [] },
        rivals: { type: 'string', default: '' },
        'no-rivals': { type: 'boolean', default: false },
        'no-write': { type: 'boolean', default: false },
    },
});
const sizes = options.sizes.split(',').map(Number);
const history = Number(options.history);
const elts = eltContestants(options.elt, landingProject());
const spec = await specOf(elts[0] as Contestant);
const { found: installed, missing } = options['no-rivals'] ? { found: [], missing: [] } : rivals(spec);
const found = installed.filter((one) => one.name.includes(options.rivals));
const versions = [...found.map((one) => `${one.name} ${one.version}`), ...missing];
say(machine(versions));
const same = await compareResults([...elts, ...found], spec);
say(same);
const late = options['no-rivals'] ? [] : await lateEventsLine([elts[0] as Contestant, ...found]);
const hostile = options['no-rivals'] ? '' : await hostileTable(elts[0] as Contestant, found, [late]);
say(hostile);
rivals(spec); // The hostile table's own specification lies where the rivals read theirs.
const rows = (await allRows()).filter(isWanted);
const kept = options['no-write'] ? [] : readKept();
await measureAll(rows, Number(options.rounds), (measured) => {
    const titles = new Set(measured.map((one) => one.table));
    kept.splice(0, kept.length, ...kept.filter((one) => !titles.has(one.table)), ...measured);
    process.stdout.write(`${renderTables(measured)}\n`);
    if (!options['no-write']) {
        keep();
    }
});

function isWanted({ table }: Row): boolean {
    return options.only.some((text) => table.includes(text));
}

function readKept(): Figures[] {
    return existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, 'utf8')) as Figures[]) : [];
}

function keep(): void {
    writeFileSync(KEPT, `[\n${kept.map((one) => `  ${JSON.stringify(one)}`).join(',\n')}\n]\n`);
    const text = [machine(versions), '', same, '', renderTables(kept), hostile].join('\n');
    keepOnPage('bench', text);
}

async function specOf(elt: Contestant) {
    const database = freshFile('spec.db');
    await measuredProcess(elt.work('run', sampleFile(1_000).path, database).command);
    return typedTables(database, PROJECT);
}

async function allRows(): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const size of sizes) {
        rows.push(...firstRows(size, elts, found), inStepsRow(size));
    }
    const mix = Math.min(Math.max(...sizes), MIXED_MAX);
    const changes = await changesOf(sampleFile(mix, 'changes').path);
    rows.push(
        ...mixRows(mix, elts, changes),
        ...fairRows(mix, [...elts, ...found.filter((one) => one.isFair)], changes),
    );
    rows.push(...appendRows(history, 1_000, [...elts, ...found], 100), ...appendRows(history, 24, elts, 200));
    const clis = new Map([['elt', CLI], ...options.elt.map((one) => one.split('=') as [string, string])]);
    rows.push(...rebuildRows(history, elts, clis), ...commandRows(history, elts, clis), emptyRow());
    const wanted = rows.filter(isWanted);
    if (wanted.some((row) => row.contestant.startsWith('floor'))) {
        await prepareFloors();
    }
    if (wanted.some((row) => / on a history |elt (status|rebuild)/.test(row.table))) {
        await prepareHistories(wanted);
    }
    return rows;
}

async function changesOf(input: string): Promise<number> {
    const elt = elts[0] as Contestant;
    const { command } = elt.work('land', input, freshFile('new.db'));
    const result = JSON.parse((await measuredProcess([...command, '--json'])).stdout.trim().split('\n').at(-1) ?? '');
    return result.loads[0].changes;
}

async function prepareFloors(): Promise<void> {
    for (const size of sizes) {
        const staged = freshFile('new.db');
        await measuredProcess((elts[0] as Contestant).work('land', sampleFile(size).path, staged).command);
        keepStaged(staged, size);
    }
}

async function prepareHistories(wanted: readonly Row[]): Promise<void> {
    for (const one of [...elts, ...found].filter((one) => wanted.some((row) => row.contestant === one.name))) {
        const output = freshFile(historyFile(history, one.name));
        say(`history of ${history} by ${one.name}`);
        const work = one.work('run', sampleFile(history).path, output);
        await measuredProcess(work.command, work.stdin);
    }
}

/** In turn, so that whatever else the machine does meets all alike; tells each table when it is whole. */
async function measureAll(
    rows: readonly Row[],
    rounds: number,
    done: (figures: readonly Figures[]) => void,
): Promise<void> {
    for (const table of new Set(rows.map((row) => row.table))) {
        const measured = rows.filter((row) => row.table === table).map((row) => ({ row, measures: [] as Measure[] }));
        for (let round = 0; round < rounds; round++) {
            for (const { row, measures } of measured) {
                const work = row.prepare(round);
                const measure = await measuredProcess(work.command, work.stdin);
                const { stdout: _, ...figures } = measure;
                measures.push({ ...figures, fileBytes: outputBytes(row) });
                say(`${round + 1}/${rounds} ${table}: ${row.contestant} ${measure.seconds.toFixed(3)} s`);
            }
        }
        done(measured.map(({ row, measures }) => figuresOf(row, measures)));
    }
    for (const name of ['new.db', 'floor.db', 'compare.db', 'hostile.db', 'spec.db']) {
        removeDatabase(join(WORKSHOP, name));
    }
}

interface Measure extends Omit<Awaited<ReturnType<typeof measuredProcess>>, 'stdout'> {
    readonly fileBytes: number | null;
}

function figuresOf(row: Row, measures: readonly Measure[]): Figures {
    const { table, contestant, changes, inputBytes } = row;
    return {
        table,
        contestant,
        changes,
        inputBytes,
        seconds: measures.map((one) => one.seconds),
        cpuSeconds: measures.map((one) => one.cpuSeconds),
        memoryMb: measures.map((one) => one.memoryMb),
        fileBytes: measures.at(-1)?.fileBytes ?? null,
    };
}

function say(text: string): void {
    process.stderr.write(`${text}\n`);
}
