import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AnswerSplitter, type ReaderAnswer } from './answer-splitter.ts';
import type { BodyBudget } from './body-budget.ts';
import { encodeJob, type Job, MEMORY_SIGNAL } from './reader-wire.ts';

/** Why a job has no answer; `not begun` if it had not been started when its reader was killed. */
export type ReaderLoss = 'time limit' | 'memory limit' | 'ended' | 'not begun';

/** A job of a reader, and the callback for its answer. */
export interface ReaderJob {
    readonly job: Job;
    readonly done: (answer: ReaderAnswer | ReaderLoss) => void;
}

interface ReaderOptions {
    readonly timeoutMs: number;
    readonly budget: BodyBudget;
    readonly onReady: () => void;
    readonly onEnd: () => void;
}

/** A reader's heap can be small: rows are turned into bytes at once. */
export const READER_FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=2', '--single-threaded-gc'];

/** `.ts` when the source is run directly (tests), `.js` in the build. */
const PROGRAM = fileURLToPath(new URL(`./reader${import.meta.url.slice(-3)}`, import.meta.url));

/** Variables that a reader gets: where programs and temporary files are, and the time zone. */
const KEPT = ['PATH', 'LD_LIBRARY_PATH', 'LD_PRELOAD', 'TMPDIR', 'SQLITE_TMPDIR', 'TEMP', 'TMP', 'TZ', 'SystemRoot'];

/**
 * The environment of a reader, without the secrets of the server's: a reader runs SQL that others wrote. Node options of
 * the server, like a profiler's, are not for its readers either.
 */
export function readerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const kept = Object.entries(environment).filter(([name]) => KEPT.includes(name));
    return { ...Object.fromEntries(kept), NODE_OPTIONS: environment.ELT_READER_NODE_OPTIONS ?? '' };
}

/** One reader process. It runs its jobs one after the other, in the order in which it received them. */
export class ReaderProcess {
    readonly #child: ChildProcess;
    readonly #frames: AnswerSplitter;
    readonly #timeoutMs: number;
    readonly #onReady: () => void;
    readonly #onEnd: () => void;
    #jobs: ReaderJob[] = [];
    #timer: NodeJS.Timeout | null = null;
    #wasKilled = false;
    #isEnded = false;
    /** The latest time at which the current job can have begun. */
    #begunAt = 0;
    /** It has started: the time limit of jobs given to it earlier would include its start. */
    isReady = false;

    constructor({ timeoutMs, budget, onReady, onEnd }: ReaderOptions) {
        this.#timeoutMs = timeoutMs;
        this.#onReady = onReady;
        this.#onEnd = onEnd;
        this.#child = spawn(process.execPath, [...READER_FLAGS, PROGRAM], {
            stdio: ['pipe', 'pipe', 'inherit'],
            env: readerEnvironment(process.env),
        });
        this.#frames = new AnswerSplitter(budget, (answer) => this.#answered(answer));
        this.#child.stdout?.on('data', (chunk: Buffer) => this.#frames.take(chunk));
        this.#child.stdin?.on('error', () => undefined);
        this.#child.on('error', () => this.#ended(null));
        // After `close` no more answers can arrive.
        this.#child.on('close', (_, signal) => this.#ended(signal));
    }

    /** How long the current job has been running. */
    get busyMs(): number {
        return this.#jobs.length === 0 ? 0 : performance.now() - this.#begunAt;
    }

    /** Whether it has nothing to do, not even jobs that were moved to other readers. */
    get isIdle(): boolean {
        return this.#jobs.length === 0;
    }

    /** Sends it jobs, in one write. A job that runs longer than the limit is ended by killing the process. */
    give(jobs: readonly ReaderJob[]): void {
        if (this.#jobs.length === 0) {
            this.#begin();
        }
        this.#jobs.push(...jobs);
        const frames = jobs.map(({ job }) => encodeJob(job));
        this.#child.stdin?.write(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames));
    }

    /** Moves the jobs after the current one to other readers; its own answers to them are discarded. */
    giveUpBehind(): void {
        const [current, ...behind] = this.#jobs;
        if (current !== undefined) {
            this.#jobs = [current, ...behind.map(({ job }) => ({ job, done: () => this.#onReady() }))];
            for (const { done } of behind) {
                done('not begun');
            }
        }
    }

    /** Lets it end after the jobs that it has. */
    close(): void {
        this.#child.stdin?.end();
    }

    #begin(): void {
        this.#begunAt = performance.now();
        this.#timer ??= setTimeout(() => this.#lookAtClock(), this.#timeoutMs);
    }

    /** One timer for all jobs: most are done long before it fires. */
    #lookAtClock(): void {
        this.#timer = null;
        if (this.#jobs.length === 0) {
            return;
        }
        const left = this.#timeoutMs - this.busyMs;
        if (left > 0) {
            this.#timer = setTimeout(() => this.#lookAtClock(), Math.ceil(left));
        } else {
            this.#wasKilled = true;
            this.#child.kill('SIGKILL');
        }
    }

    #answered(answer: ReaderAnswer): void {
        if (!this.isReady) {
            this.isReady = true;
            this.#onReady();
            return;
        }
        const first = this.#jobs.shift();
        this.#begunAt = performance.now();
        first?.done(answer);
    }

    #ended(signal: NodeJS.Signals | null): void {
        if (this.#isEnded) {
            return;
        }
        this.#isEnded = true;
        clearTimeout(this.#timer ?? undefined);
        this.#frames.end();
        const [current, ...behind] = this.#jobs.splice(0);
        this.#onEnd();
        for (const { done } of behind) {
            done('not begun');
        }
        current?.done(this.#wasKilled ? 'time limit' : signal === MEMORY_SIGNAL ? 'memory limit' : 'ended');
    }
}
