import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { elt, PROJECT, startElt, workFolder } from './elt.ts';
import { sharedData } from './shared-data.ts';

/** For `expect.poll`: a machine that does much else takes its time. */
export const PATIENT = { timeout: 20_000 } as const;

/** `elt serve` as people run it, a process of its own on a free port. */
export interface TestServer {
    readonly address: string;
    readonly port: number;
    readonly child: ChildProcess;
    /** What it has written to standard error. */
    readonly errors: () => string;
    readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<TestAnswer>;
    /** SIGTERM; the exit status. */
    readonly stop: () => Promise<number | null>;
}

export interface TestAnswer {
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
    /** The body as JSON; throws where it is none. */
    readonly json: () => unknown;
}

/** `words` say which pipelines, `options` are those of `elt serve`. */
export async function startServer(
    words: readonly string[],
    options: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
    uid?: number,
): Promise<TestServer> {
    const asked = [...words, 'serve', '--port', '0', '--json', ...options];
    const child = startElt(asked, { env, ...(uid === undefined ? {} : { uid }) });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
        errors += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const first = await new Promise<string>((resolve, reject) => {
        child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
        child.once('close', () => reject(new Error(`elt serve ended: ${errors}`)));
    });
    const { address } = JSON.parse(first) as { readonly address: string };
    return {
        address,
        port: Number(new URL(address).port),
        child,
        errors: () => errors,
        get: (path, headers = {}) => fetchAnswer(address + path, { headers }),
        stop: () => {
            child.kill('SIGTERM');
            return ended;
        },
    };
}

export async function fetchAnswer(url: string, init: RequestInit): Promise<TestAnswer> {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) as unknown };
}

/** A project with one pipeline, `lab`: its files by their path below `sql/lab/`. Returns the words for `elt`. */
export async function labProject(files: Readonly<Record<string, string>>): Promise<LabProject> {
    const project = workFolder();
    const write = (path: string, text: string): void => {
        const file = join(project, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
    };
    write(
        'migrations/lab/0001_create_numbers.sql',
        'create table numbers (n integer not null primary key, word text) strict;\n',
    );
    for (const [path, text] of Object.entries(files)) {
        write(`sql/lab/${path}`, text);
    }
    const db = join(project, 'lab.db');
    const words = ['--project', project, '--pipeline', 'lab', '--db', db];
    const ran = await elt([...words, 'migrate']);
    if (ran.status !== 0) {
        throw new Error(ran.stderr);
    }
    return { words, db, project, write: (path, text) => write(`sql/lab/${path}`, text) };
}

export interface LabProject {
    readonly words: readonly string[];
    readonly db: string;
    readonly project: string;
    /** Writes a file below `sql/lab/`. */
    readonly write: (path: string, text: string) => void;
}

/** The sources of a shipped pipeline in the shared data; null where they are missing. */
export function sourcesOf(pipeline: 'card_spend' | 'game' | 'cash_flow' | 'payments'): readonly string[] | null {
    const names = {
        card_spend: ['combined_transactions.csv'],
        game: ['events.jsonl', 'exchange_rates.jsonl'],
        cash_flow: ['cash_ins.json', 'cash_outs_created.json', 'cash_outs_processed.json', 'cash_outs_refunded.json'],
        payments: ['wal.json'],
    }[pipeline];
    const paths = names.map(sharedData);
    return paths.every((path) => path !== undefined) ? (paths as string[]) : null;
}

/** Loads the shared data of shipped pipelines; returns the words that serve them. */
export async function shippedDatabases(
    ...pipelines: ('card_spend' | 'game' | 'cash_flow' | 'payments')[]
): Promise<string[]> {
    const folder = workFolder();
    const words = ['--project', PROJECT];
    for (const pipeline of pipelines) {
        const db = join(folder, `${pipeline}.db`);
        const ran = await elt([
            '--project',
            PROJECT,
            '--pipeline',
            pipeline,
            '--db',
            db,
            'run',
            ...(sourcesOf(pipeline) ?? []),
        ]);
        if (ran.status !== 0 && ran.status !== 4) {
            throw new Error(ran.stderr);
        }
        words.push('--pipeline', pipeline, '--db', pipelines.length === 1 ? db : `${pipeline}=${db}`);
    }
    return words;
}

/** Resident memory of a process and its children, MB of 10^6 bytes; pages that they share count once. */
export function memoryMb(pid: number): number {
    return memoryPartsMb(pid).reduce((sum, one) => sum + one, 0);
}

/** The same for each: the process itself, then its children. */
export function memoryPartsMb(pid: number): readonly number[] {
    return [pid, ...childrenOf(pid)].map((one) => pssKib(one) * (1_024 / 1e6));
}

export function childrenOf(pid: number): readonly number[] {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
        readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
}

function pssKib(pid: number): number {
    try {
        return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
        return 0;
    }
}
