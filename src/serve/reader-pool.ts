import { type ReaderAnswer, type ReaderLoss, ReaderProcess } from './reader-process.ts';
import type { Job } from './reader-protocol.ts';

export interface PoolOptions {
    /** At most so many reader processes. */
    readonly readers: number;
    /** How long a job may run before its reader is killed, and how long it may wait for one. */
    readonly timeoutMs: number;
    /** Jobs that may wait; further ones are refused. */
    readonly waitingMax: number;
}

/** Why the pool has no answer: no reader in time, the time limit, or a reader that ended by itself. */
export type PoolRefusal = 'busy' | ReaderLoss;

/** What the pool has done so far, and does now. */
export interface PoolFigures {
    readonly readers: number;
    readonly running: number;
    readonly waiting: number;
    readonly killed: number;
    readonly lost: number;
    readonly refused: number;
}

interface Waiting {
    readonly job: Job;
    /** Whose job it is: jobs of one question never hold all readers. */
    readonly key: string;
    readonly since: number;
    readonly done: (answer: ReaderAnswer | PoolRefusal) => void;
}

/** Begun at the start; the others when jobs wait. */
const READERS_AT_ONCE = 2;

/** A question is quick while the average of its last jobs is below this. */
const QUICK_MS = 100;

/** A job that waits longer is a reason for one more reader. */
const WAITING_MS_FOR_MORE = 20;

/** A reader that ends without having answered is not begun again at once. */
const PAUSE_AFTER_LOSS_MS = 500;

/**
 * Owns the reader processes. A job runs on one that is free, else it waits its turn. Slow questions never hold all
 * readers: jobs of one question hold at most all but one, and the last free reader is kept for a question whose jobs
 * have lately been quick. A reader that is killed takes nothing with it: it only reads.
 */
export class ReaderPool {
    private readonly options: PoolOptions;
    private readonly idle: ReaderProcess[] = [];
    private readonly all = new Set<ReaderProcess>();
    private readonly waiting: Waiting[] = [];
    private readonly runningByKey = new Map<string, number>();
    private readonly averageMs = new Map<string, number>();
    private readonly clock: NodeJS.Timeout;
    private isClosed = false;
    private noStartBefore = 0;
    private killed = 0;
    private lost = 0;
    private refused = 0;

    constructor(options: PoolOptions) {
        this.options = options;
        for (let count = 0; count < Math.min(READERS_AT_ONCE, options.readers); count++) {
            this.begin();
        }
        this.clock = setInterval(() => this.tick(), WAITING_MS_FOR_MORE);
        this.clock.unref();
    }

    /** Does the job, as soon as a reader may. */
    ask(job: Job, key: string): Promise<ReaderAnswer | PoolRefusal> {
        return new Promise((resolve) => {
            if (this.isClosed || this.waiting.length >= this.options.waitingMax) {
                this.refused++;
                resolve('busy');
                return;
            }
            this.waiting.push({ job, key, since: performance.now(), done: resolve });
            this.dispatch();
        });
    }

    figures(): PoolFigures {
        return {
            readers: this.all.size,
            running: this.all.size - this.idle.length,
            waiting: this.waiting.length,
            killed: this.killed,
            lost: this.lost,
            refused: this.refused,
        };
    }

    /** No new jobs; readers end after what they have. */
    close(): void {
        this.isClosed = true;
        clearInterval(this.clock);
        for (const { done } of this.waiting.splice(0)) {
            done('busy');
        }
        for (const reader of this.all) {
            reader.close();
        }
    }

    private dispatch(): void {
        for (let index = 0; index < this.waiting.length && this.idle.length > 0; ) {
            const waiting = this.waiting[index] as Waiting;
            if (this.mayRun(waiting.key)) {
                this.waiting.splice(index, 1);
                this.run(this.idle.pop() as ReaderProcess, waiting);
            } else {
                index++;
            }
        }
    }

    private mayRun(key: string): boolean {
        const { readers } = this.options;
        const running = this.all.size - this.idle.length;
        if (readers === 1) {
            return true;
        }
        if ((this.runningByKey.get(key) ?? 0) >= readers - 1) {
            return false;
        }
        return running < readers - 1 || (this.averageMs.get(key) ?? Number.POSITIVE_INFINITY) < QUICK_MS;
    }

    private run(reader: ReaderProcess, { job, key, done }: Waiting): void {
        const started = performance.now();
        this.runningByKey.set(key, (this.runningByKey.get(key) ?? 0) + 1);
        reader.ask(job, this.options.timeoutMs, (answer) => {
            this.note(key, performance.now() - started);
            if (typeof answer === 'string') {
                this.killed += answer === 'time limit' ? 1 : 0;
                this.lost += answer === 'ended' ? 1 : 0;
            } else {
                this.idle.push(reader);
            }
            done(answer);
            this.dispatch();
        });
    }

    private note(key: string, ms: number): void {
        const running = (this.runningByKey.get(key) ?? 1) - 1;
        if (running === 0) {
            this.runningByKey.delete(key);
        } else {
            this.runningByKey.set(key, running);
        }
        const before = this.averageMs.get(key);
        this.averageMs.set(key, before === undefined ? ms : before * 0.8 + ms * 0.2);
    }

    private begin(): void {
        const reader = new ReaderProcess((ended) => this.ended(ended));
        this.all.add(reader);
        this.idle.push(reader);
    }

    private ended(reader: ReaderProcess): void {
        this.all.delete(reader);
        const place = this.idle.indexOf(reader);
        if (place >= 0) {
            this.idle.splice(place, 1);
        }
        if (reader.jobsDone === 0) {
            this.noStartBefore = performance.now() + PAUSE_AFTER_LOSS_MS;
        }
        this.tick();
    }

    /** Begins readers where they are missing, and sends away jobs that have waited too long. */
    private tick(): void {
        const now = performance.now();
        if (this.isClosed) {
            return;
        }
        while (this.waiting[0] !== undefined && now - this.waiting[0].since > this.options.timeoutMs) {
            this.refused++;
            this.waiting.shift()?.done('busy');
        }
        const isWaitingLong = this.waiting.some(({ since }) => now - since > WAITING_MS_FOR_MORE);
        const wanted = Math.min(this.options.readers, isWaitingLong ? this.all.size + 1 : READERS_AT_ONCE);
        if (this.all.size < wanted && now >= this.noStartBefore) {
            this.begin();
            this.dispatch();
        }
    }
}
