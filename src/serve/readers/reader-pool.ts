import type { ReaderAnswer } from './answer-splitter.ts';
import type { BodyBudget } from './body-budget.ts';
import { type ReaderJob, type ReaderLoss, ReaderProcess } from './reader-process.ts';
import { type Job, READER_FAILURES } from './reader-wire.ts';

interface PoolOptions {
    /** The largest number of reader processes. */
    readonly readers: number;
    /** How long a job may run before its reader is killed, and how long it may wait for a reader. */
    readonly timeoutMs: number;
    /** How many jobs may wait; further ones are refused. */
    readonly waitingMax: number;
    readonly budget: BodyBudget;
}

/** Why the pool has no answer: no reader in time, the time limit, or a reader that ended unexpectedly. */
type PoolRefusal = 'busy' | Exclude<ReaderLoss, 'not begun'>;

/** What the pool has done so far, and is doing now. */
interface PoolFigures {
    readonly readers: number;
    readonly running: number;
    readonly waiting: number;
    readonly killed: number;
    readonly lost: number;
    readonly refused: number;
}

interface Waiting {
    readonly job: Job;
    /** The question of the job: jobs of one question never occupy all readers. */
    readonly key: string;
    readonly since: number;
    readonly done: (answer: ReaderAnswer | PoolRefusal) => void;
}

/** A reader and its jobs. */
interface Slot {
    readonly reader: ReaderProcess;
    /** Number of its jobs of each question. */
    readonly keys: Map<string, number>;
    jobs: number;
    /** How long its jobs should take together. */
    expectedMs: number;
    /** One of its jobs is of a question that may take long, or whose time is not known yet. */
    isSlow: boolean;
}

/** Readers started with the server; the others are started when jobs wait. */
const READERS_AT_ONCE = 2;

/** A question is quick while its average time is below this. */
const QUICK_MS = 100;

/** A question is tiny while its average time is below this: a reader gets several of its jobs at once. */
const TINY_MS = 2;

/** How long the jobs of a reader may be expected to take together, if another reader is free and if none is. */
const TOGETHER_MS = 2;
const TOGETHER_MS_MAX = 5;
const TOGETHER_JOBS_MAX = 16;

/** If a job waits longer, one more reader is started, or the job is moved to another reader. */
const WAITING_MS_MAX = 20;

/** A reader that fails to start is not started again at once. */
const PAUSE_AFTER_LOSS_MS = 500;

/**
 * Owns the reader processes. Slow questions never occupy all readers: one reader is always kept for questions that have
 * been quick lately, and jobs of one question occupy at most all readers but one. A reader gets several tiny jobs at
 * once, since waking a process costs more than they do; if the first of them turns out to be slow, the others are moved
 * to another reader. Killing a reader loses nothing: it only reads.
 */
export class ReaderPool {
    readonly #options: PoolOptions;
    readonly #slots = new Set<Slot>();
    #waiting: Waiting[] = [];
    readonly #averageMs = new Map<string, number>();
    readonly #clock: NodeJS.Timeout;
    #isDispatching = false;
    #isClosed = false;
    #noStartBefore = 0;
    #killed = 0;
    #lost = 0;
    #refused = 0;

    constructor(options: PoolOptions) {
        this.#options = options;
        for (let count = 0; count < Math.min(READERS_AT_ONCE, options.readers); count++) {
            this.#begin();
        }
        this.#clock = setInterval(() => this.#tick(), WAITING_MS_MAX);
        this.#clock.unref();
    }

    /** Runs the job as soon as a reader may take it. */
    ask(job: Job, key: string): Promise<ReaderAnswer | PoolRefusal> {
        return new Promise((resolve) => {
            if (this.#isClosed || this.#waiting.length >= this.#options.waitingMax) {
                this.#refused++;
                resolve('busy');
                return;
            }
            this.#waiting.push({ job, key, since: performance.now(), done: resolve });
            this.#dispatchSoon();
        });
    }

    figures(): PoolFigures {
        return {
            readers: this.#slots.size,
            running: [...this.#slots].filter(({ jobs }) => jobs > 0).length,
            waiting: this.#waiting.length,
            killed: this.#killed,
            lost: this.#lost,
            refused: this.#refused,
        };
    }

    /** Refuses new jobs; readers end after the jobs that they have. */
    close(): void {
        this.#isClosed = true;
        clearInterval(this.#clock);
        for (const { done } of this.#waiting.splice(0)) {
            done('busy');
        }
        for (const { reader } of this.#slots) {
            reader.close();
        }
    }

    /** Dispatches once for all requests that arrived together. */
    #dispatchSoon(): void {
        if (!this.#isDispatching) {
            this.#isDispatching = true;
            setImmediate(() => {
                this.#isDispatching = false;
                this.#dispatch();
            });
        }
    }

    #dispatch(): void {
        const given = new Map<Slot, ReaderJob[]>();
        this.#waiting = this.#waiting.filter((waiting) => {
            const slot = this.#slotFor(waiting.key);
            if (slot !== null) {
                given.set(slot, [...(given.get(slot) ?? []), this.#take(slot, waiting)]);
            }
            return slot === null;
        });
        for (const [{ reader }, jobs] of given) {
            reader.give(jobs);
        }
    }

    /** The reader that may take a job of the question now; null: none. */
    #slotFor(key: string): Slot | null {
        const slots = [...this.#slots].filter(({ reader }) => reader.isReady);
        const expectedMs = this.#averageMs.get(key) ?? Number.POSITIVE_INFINITY;
        // All but one; readers that are still starting do not count.
        const others = slots.length - 1;
        // A reader still busy with moved jobs is not idle: a job behind them would have to be moved again.
        const idle = slots.find(({ jobs, reader }) => jobs === 0 && reader.isIdle) ?? null;
        if (expectedMs < TINY_MS) {
            const open = slots.filter(
                (slot) => slot.jobs > 0 && !slot.isSlow && slot.expectedMs > 0 && slot.jobs < TOGETHER_JOBS_MAX,
            );
            const atMost = (ms: number): Slot | null => open.find((slot) => slot.expectedMs + expectedMs <= ms) ?? null;
            const mayTakeIdle = idle !== null && (others === 0 || this.#held(key) < others);
            return atMost(TOGETHER_MS) ?? (mayTakeIdle ? idle : atMost(TOGETHER_MS_MAX));
        }
        if (expectedMs < QUICK_MS) {
            return others > 0 && this.#held(key) >= others ? null : idle;
        }
        const isAlone = this.#slots.size === 1;
        return isAlone || slots.filter((slot) => slot.isSlow).length < others ? idle : null;
    }

    /** Number of readers that have jobs of the question. */
    #held(key: string): number {
        let count = 0;
        for (const { keys } of this.#slots) {
            count += keys.has(key) ? 1 : 0;
        }
        return count;
    }

    #take(slot: Slot, waiting: Waiting): ReaderJob {
        const { job, key } = waiting;
        const average = this.#averageMs.get(key);
        slot.jobs++;
        slot.expectedMs += average ?? QUICK_MS;
        slot.isSlow ||= average === undefined || average >= QUICK_MS;
        slot.keys.set(key, (slot.keys.get(key) ?? 0) + 1);
        return {
            job,
            done: (answer) => {
                this.#release(slot, key, average ?? QUICK_MS);
                this.#settle(waiting, answer);
            },
        };
    }

    #release(slot: Slot, key: string, expectedMs: number): void {
        const left = (slot.keys.get(key) ?? 1) - 1;
        if (left === 0) {
            slot.keys.delete(key);
        } else {
            slot.keys.set(key, left);
        }
        slot.jobs--;
        slot.expectedMs = slot.jobs === 0 ? 0 : slot.expectedMs - expectedMs;
        slot.isSlow &&= slot.jobs > 0;
    }

    #settle(waiting: Waiting, answer: ReaderAnswer | ReaderLoss): void {
        this.#dispatchSoon();
        if (answer === 'not begun') {
            this.#waiting.unshift(waiting);
            return;
        }
        const isDropped =
            typeof answer !== 'string' &&
            'failure' in answer.head &&
            answer.head.failure.code === READER_FAILURES.noRoom;
        if (!isDropped) {
            const ms = typeof answer === 'string' ? this.#options.timeoutMs : answer.head.milliseconds;
            const before = this.#averageMs.get(waiting.key);
            this.#averageMs.set(waiting.key, before === undefined ? ms : before * 0.8 + ms * 0.2);
        }
        this.#killed += answer === 'time limit' ? 1 : 0;
        this.#lost += answer === 'ended' ? 1 : 0;
        waiting.done(answer);
    }

    #begin(): void {
        const slot: Slot = {
            reader: new ReaderProcess(
                this.#options.timeoutMs,
                this.#options.budget,
                () => this.#dispatchSoon(),
                () => this.#ended(slot),
            ),
            keys: new Map(),
            jobs: 0,
            expectedMs: 0,
            isSlow: false,
        };
        this.#slots.add(slot);
    }

    #ended(slot: Slot): void {
        this.#slots.delete(slot);
        if (!slot.reader.isReady) {
            this.#noStartBefore = performance.now() + PAUSE_AFTER_LOSS_MS;
        }
        this.#tick();
    }

    /** Starts missing readers, and moves or refuses jobs that have waited too long. */
    #tick(): void {
        const now = performance.now();
        if (this.#isClosed) {
            return;
        }
        for (const slot of this.#slots) {
            if (slot.jobs > 0 && slot.reader.busyMs > WAITING_MS_MAX) {
                // The current job is slower than expected: no more jobs are queued behind it.
                slot.isSlow = true;
                slot.reader.giveUpBehind();
            }
        }
        const late = this.#waiting.filter(({ since }) => now - since > this.#options.timeoutMs);
        this.#waiting = this.#waiting.filter((waiting) => !late.includes(waiting));
        for (const { done } of late) {
            this.#refused++;
            done('busy');
        }
        const isWaitingLong = this.#waiting.some(({ since }) => now - since > WAITING_MS_MAX);
        const wanted = Math.min(this.#options.readers, isWaitingLong ? this.#slots.size + 1 : READERS_AT_ONCE);
        if (this.#slots.size < wanted && now >= this.#noStartBefore) {
            this.#begin();
            this.#dispatchSoon();
        }
    }
}
