import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SHARED } from './shared-servers.ts';

/** The built command line, run as people run it: a process of its own, on the project's Node. */

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
export const NODE = join(PROJECT, 'node_modules', '.bin', 'node');
export const CLI = join(PROJECT, 'dist', 'cli.js');

export interface Ran {
    readonly status: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
}

export interface RunOptions {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** The user under whom it runs; only root can start a process of another. */
    readonly uid?: number;
    /** Given on standard input, which is then closed. */
    readonly input?: string | Buffer;
}

/** Starts `elt …`; the caller ends it. */
export function startElt(words: readonly string[], options: RunOptions = {}): ChildProcess {
    refuseStaleBuild();
    return start(NODE, [CLI, ...words], options);
}

export function elt(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return ended(startElt(words, options), options.input);
}

/** Runs any program to its end. */
export function runProgram(program: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return ended(start(program, words, options), options.input);
}

/** What a process said and how it ended. */
export function ended(child: ChildProcess, input?: string | Buffer): Promise<Ran> {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    return new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (status, signal) => {
            resolve({
                status,
                signal,
                stdout: Buffer.concat(out).toString('utf8'),
                stderr: Buffer.concat(err).toString('utf8'),
            });
        });
    });
}

/** `elt … --json`, which must end with `status` and write one JSON value. */
export async function eltJson<T>(words: readonly string[], options: RunOptions = {}, status = 0): Promise<T> {
    const ran = await elt([...words, '--json'], options);
    if (ran.status !== status) {
        throw new Error(`elt ${words.join(' ')} ended with ${ran.status}:\n${ran.stdout}\n${ran.stderr}`);
    }
    return JSON.parse(ran.stdout) as T;
}

/** An empty folder that goes when the test file ends, or with the run: vitest ends a process that has much to remove. */
export function workFolder(): string {
    const folder = mkdtempSync(join(process.env[SHARED] ?? tmpdir(), 'elt-test-'));
    if (folders.length === 0) {
        process.once('exit', removeFolders);
    }
    folders.push(folder);
    return folder;
}

const folders: string[] = [];

function removeFolders(): void {
    for (const folder of folders) {
        rmSync(folder, { recursive: true, force: true });
    }
}

function start(program: string, words: readonly string[], { cwd, env, uid }: RunOptions): ChildProcess {
    // Most tests are about the pipeline payments; `ELT_PIPELINE: ''` is a person who names none.
    const { ELT_DB: _, ELT_PROJECT: __, ...inherited } = process.env;
    return spawn(program, words, {
        cwd: cwd ?? PROJECT,
        env: {
            ...inherited,
            ELT_PIPELINE: 'payments',
            PATH: `${join(PROJECT, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`,
            ...env,
        },
        stdio: ['pipe', 'pipe', 'pipe'],
        ...(uid === undefined ? {} : { uid }),
    });
}

let isChecked = false;

/** Tests of an old build would say nothing about the source: `npm test` builds first. */
function refuseStaleBuild(): void {
    if (isChecked) {
        return;
    }
    const stamp = join(PROJECT, 'dist', '.built');
    if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== sourceHash()) {
        throw new Error('dist/ is not what src/ builds: run "npm run build" first ("npm test" does)');
    }
    isChecked = true;
}

/** The same hash as .ci/build-stamp.mjs writes. */
function sourceHash(): string {
    const files = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length))
        .concat('.ci/browser.mjs', '.ci/bundle.mjs', '.ci/mark-built.mjs', 'tsconfig.json', 'package.json')
        .sort();
    const hash = createHash('sha256');
    for (const file of files) {
        hash.update(`${file}\0`)
            .update(readFileSync(join(PROJECT, file)))
            .update('\0');
    }
    return hash.digest('hex');
}

/** The sqlite3 shell; null where there is none, which under CI is an error. */
export function sqliteShell(): string | null {
    try {
        execFileSync('sqlite3', ['--version'], { stdio: 'ignore' });
        return 'sqlite3';
    } catch (error) {
        if (process.env.CI === 'true') {
            throw new Error('the sqlite3 shell is missing', { cause: error });
        }
        return null;
    }
}
