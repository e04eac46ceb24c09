import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the benchmark finds the project and keeps what it makes: inputs are kept, databases are not. */
export const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
export const WORKSHOP = process.env.ELT_BENCH ?? join(tmpdir(), 'elt-bench');
export const CLI = join(PROJECT, 'dist', 'cli.js');
export const NODE = process.execPath;

/** A project whose pipeline has no model: a run of it lands, and does nothing else. */
export function landingProject(name = 'landing-only'): string {
    const folder = join(WORKSHOP, name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'sql', 'payments'), { recursive: true });
    mkdirSync(join(folder, 'migrations', 'payments'), { recursive: true });
    execFileSync('cp', ['-R', join(PROJECT, 'migrations', 'control'), join(folder, 'migrations')]);
    return folder;
}

/** The words of `elt` for the payments in a database. */
export function paymentsWords(database: string, project: string = PROJECT): readonly string[] {
    return ['--project', project, '--pipeline', 'payments', '--db', database];
}

export interface Input {
    readonly path: string;
    readonly bytes: number;
}

/** A sample of the given size; the same words give the same bytes, so it is made once. */
export function sampleFile(records: number, mix: 'inserts' | 'changes' = 'inserts', seed = 1): Input {
    const words = ['payments', '--records', String(records), '--seed', String(seed), '--mix', mix];
    const path = sampled(`${mix}-${records}-${seed}.json`, words);
    return { path, bytes: statSync(path).size };
}

/** Events of the game. */
export function eventsFile(events: number): string {
    return sampled(`events-${events}.jsonl`, ['game', '--records', String(events)]);
}

/** What `elt sample` writes, whole or not at all. */
function sampled(name: string, words: readonly string[]): string {
    const path = inputPath(name);
    if (!existsSync(path)) {
        const file = openSync(`${path}.part`, 'w');
        execFileSync(NODE, [CLI, 'sample', ...words], { stdio: ['ignore', file, 'inherit'] });
        closeSync(file);
        renameSync(`${path}.part`, path);
    }
    return path;
}

/** Where an input is kept. */
export function inputPath(name: string): string {
    const folder = join(WORKSHOP, 'inputs');
    mkdirSync(folder, { recursive: true });
    return join(folder, name);
}

/** A path for a database that does not exist yet. */
export function freshFile(name: string): string {
    const path = join(WORKSHOP, name);
    removeDatabase(path);
    return path;
}

export function removeDatabase(path: string): void {
    for (const suffix of ['', '-wal', '-shm', '-journal', '.wal']) {
        rmSync(`${path}${suffix}`, { force: true });
    }
}

/** Bytes of a database with whatever lies beside it. */
export function databaseBytes(path: string): number {
    return ['', '-wal', '.wal']
        .map((suffix) => `${path}${suffix}`)
        .filter((file) => existsSync(file))
        .reduce((sum, file) => sum + statSync(file).size, 0);
}
