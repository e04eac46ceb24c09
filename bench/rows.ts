import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant, Work } from './contestants.ts';
import { mixedFile } from './mixed-records.ts';
import { grouped } from './report.ts';
import type { Mode } from './rivals/mode.ts';
import {
    CLI,
    databaseBytes,
    freshFile,
    type Input,
    NODE,
    PROJECT,
    paymentsWords,
    sampleFile,
    WORKSHOP,
} from './workshop.ts';

/** One line of a table: a work, and one that does it. */
export interface Row {
    readonly table: string;
    readonly contestant: string;
    readonly changes: number;
    /** 0: there is no input. */
    readonly inputBytes: number;
    /** Makes what a fresh process needs; not measured. */
    readonly prepare: (round: number) => Work;
    /** The file whose size counts, after the process. */
    readonly output: string | null;
}

/** StreamLanding, and the whole first run, of a new file. */
export function firstRows(size: number, elts: readonly Contestant[], others: readonly Contestant[]): readonly Row[] {
    const input = sampleFile(size);
    const rows = (mode: 'land' | 'run'): Row[] =>
        [...elts, ...others].map((one) => firstRow(`${WORKS[mode]}, ${grouped(size)} inserts`, one, mode, input, size));
    return [...rows('land'), ...floorRows(size, input), ...rows('run')];
}

/** The same work in two commands, in the table of the whole first run. */
export function inStepsRow(size: number): Row {
    const input = sampleFile(size);
    const output = join(WORKSHOP, 'new.db');
    const elt = (...words: readonly string[]): string =>
        [NODE, CLI, ...paymentsWords(output), '--quiet', ...words].join(' ');
    return {
        table: `${WORKS.run}, ${grouped(size)} inserts`,
        contestant: 'elt load, then elt transform',
        changes: size,
        inputBytes: input.bytes,
        prepare: () => {
            freshFile('new.db');
            return { command: ['sh', '-ec', [elt('migrate'), elt('load', input.path), elt('transform')].join('\n')] };
        },
        output,
    };
}

/** All models from all changes again, with all data tests. */
export function rebuildRows(
    history: number,
    elts: readonly Contestant[],
    clis: ReadonlyMap<string, string>,
): readonly Row[] {
    return elts.map((one) => {
        const words = [...paymentsWords(join(WORKSHOP, historyFile(history, one.name))), '--quiet', 'rebuild'];
        return {
            table: `elt rebuild of ${grouped(history)}`,
            contestant: one.name,
            changes: 0,
            inputBytes: 0,
            prepare: () => ({ command: [NODE, clis.get(one.name) ?? CLI, ...words] }),
            output: null,
        };
    });
}

/** The mix as records of format 1, for those that follow updates and deletes. */
export function fairRows(size: number, contestants: readonly Contestant[], changes: number): readonly Row[] {
    const input = mixedFile(size);
    return contestants.map((one) =>
        firstRow(`${WORKS.run}, ${grouped(changes)} mixed changes, format 1`, one, 'run', input, changes),
    );
}

const WORKS = { land: 'landing, new file', run: 'whole first run' } as const;

function firstRow(table: string, one: Contestant, mode: Mode, input: Input, changes: number): Row {
    const output = join(WORKSHOP, 'new.db');
    return {
        table,
        contestant: one.name,
        changes,
        inputBytes: input.bytes,
        prepare: () => one.work(mode, input.path, freshFile('new.db')),
        output,
    };
}

/** SQLite copying the staged rows of `staged-<size>.db`, which `prepareHistory` leaves. */
function floorRows(size: number, input: Input): Row[] {
    return ['delete', 'wal'].map((journal) => ({
        table: `landing, new file, ${grouped(size)} inserts`,
        contestant: `floor: SQLite copies the staged rows (${journal})`,
        changes: size,
        inputBytes: input.bytes,
        prepare: () => ({
            command: [
                NODE,
                join(PROJECT, 'bench', 'rivals', 'floor.ts'),
                journal,
                join(WORKSHOP, `staged-${size}.db`),
                freshFile('floor.db'),
            ],
        }),
        output: join(WORKSHOP, 'floor.db'),
    }));
}

/** The realistic mix in format 2: begin and commit lines are events too, but no changes. */
export function mixRows(size: number, elts: readonly Contestant[], changes: number): readonly Row[] {
    const input = sampleFile(size, 'changes');
    return (['land', 'run'] as const).flatMap((mode) =>
        elts.map((one) =>
            firstRow(`${WORKS[mode]}, ${grouped(changes)} mixed changes, format 2`, one, mode, input, changes),
        ),
    );
}

/** New changes on a history: each round another batch, so that the history grows a little and no file is copied. */
export function appendRows(
    history: number,
    batch: number,
    contestants: readonly Contestant[],
    firstSeed: number,
): readonly Row[] {
    return contestants.map((one) => {
        const output = join(WORKSHOP, historyFile(history, one.name));
        return {
            table: `${grouped(batch)} new changes on a history of ${grouped(history)}`,
            contestant: one.name,
            changes: batch,
            inputBytes: sampleFile(batch, 'inserts', firstSeed).bytes,
            prepare: (round: number) =>
                one.work('append', sampleFile(batch, 'inserts', firstSeed + round).path, output),
            output: null,
        };
    });
}

/** Makes a contestant's history by its own whole first run. */
export function historyFile(history: number, contestant: string): string {
    return `history-${history}-${contestant.replace(/\W+/g, '-')}.db`;
}

/** Commands that only look. */
export function commandRows(
    history: number,
    elts: readonly Contestant[],
    clis: ReadonlyMap<string, string>,
): readonly Row[] {
    return elts.flatMap((one) => {
        const cli = clis.get(one.name) ?? CLI;
        const database = join(WORKSHOP, historyFile(history, one.name));
        const look = (words: readonly string[]): Row => ({
            table: `elt ${words[0]}`,
            contestant: one.name,
            changes: 0,
            inputBytes: 0,
            prepare: () => ({ command: [NODE, cli, ...paymentsWords(database), ...words] }),
            output: null,
        });
        return [look(['--help']), look(['status'])];
    });
}

/** The time of a Node process that does nothing: nothing written in it can be faster. */
export function emptyRow(): Row {
    return {
        table: 'elt --help',
        contestant: 'an empty Node process',
        changes: 0,
        inputBytes: 0,
        prepare: () => ({ command: [NODE, '-e', '0'] }),
        output: null,
    };
}

export function keepStaged(from: string, size: number): void {
    copyFileSync(from, freshFile(`staged-${size}.db`));
}

export function outputBytes(row: Row): number | null {
    return row.output === null ? null : databaseBytes(row.output);
}
