import type { ReaderAnswer } from './answer-splitter.ts';
import type { BodyBudget } from './body-budget.ts';
import { chooseSlot, QUICK_MS, type Slot } from './choose-slot.ts';
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

/** Why the pool has no answer: no reader in time, a limit, or two readers that ended unexpectedly. */
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
    /** A reader ended while it ran the job, which may have been the reason. */
    wasLost: boolean;
}

/** Readers started with the server; the others are started when jobs wait. */
const READERS_AT_ONCE = 2;

/** If a job waits longer, one more reader is started, or the job is moved to another reader. */
const WAITING_MS_MAX = 20;

/** A reader that fails to start is not started again at once. */
const PAUSE_AFTER_LOSS_MS = 500;

/**
 * Owns the reader processes. Slow questions never occupy all readers: one reader is always kept for questions that have
 * been quick lately, and jobs of one question occupy at most all readers but one. A reader gets several tiny jobs at
 * once, since waking a process costs more than they do; if the first of them turns out to be slow, the others are moved
 * to another reader. Killing a reader loses nothing, since it only reads: its job is run once more by another one.
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
        this.#beginMissing(Math.min(READERS_AT_ONCE, options.readers));
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
            this.#waiting.push({ job, key, since: performance.now(), done: resolve, wasLost: false });
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
            const slot = chooseSlot(this.#slots, waiting.key, this.#averageMs.get(waiting.key));
            if (slot !== null) {
                given.set(slot, [...(given.get(slot) ?? []), this.#take(slot, waiting)]);
            }
            return slot === null;
        });
        for (const [{ reader }, jobs] of given) {
            reader.give(jobs);
        }
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
        this.#lost += answer === 'ended' ? 1 : 0;
        if (answer === 'not begun' || (answer === 'ended' && !waiting.wasLost)) {
            waiting.wasLost ||= answer === 'ended';
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
        this.#killed += answer === 'time limit' || answer === 'memory limit' ? 1 : 0;
        waiting.done(answer);
    }

    #begin(): void {
        const slot: Slot = {
            reader: new ReaderProcess({
                timeoutMs: this.#options.timeoutMs,
                budget: this.#options.budget,
                onReady: () => this.#dispatchSoon(),
                onEnd: () => this.#ended(slot),
            }),
            keys: new Map(),
            jobs: 0,
            expectedMs: 0,
            isSlow: false,
        };
        this.#slots.add(slot);
    }

    #beginMissing(wanted: number): void {
        while (this.#slots.size < wanted) {
            this.#begin();
        }
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
        if (now >= this.#noStartBefore) {
            const more = isWaitingLong ? this.#slots.size + 1 : READERS_AT_ONCE;
            this.#beginMissing(Math.min(this.#options.readers, more));
        }
    }
}
