import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ANSWER_PREFIX_BYTES, type AnswerHead, encodeJob, type Job } from './reader-protocol.ts';

/** What a reader gave for a job: the bodies of all results, one behind the other. */
export interface ReaderAnswer {
    readonly head: AnswerHead;
    readonly body: Buffer;
}

/** Why a job has no answer. */
export type ReaderLoss = 'time limit' | 'ended';

/** A reader's heap: rows pass through it and leave as bytes. */
const READER_FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=2', '--single-threaded-gc'];

/** `.ts` where the source runs as it is (tests), `.js` where it was built. */
const PROGRAM = fileURLToPath(new URL(`./reader${import.meta.url.slice(-3)}`, import.meta.url));

/** One reader process, which does one job at a time. */
export class ReaderProcess {
    private readonly child: ChildProcess;
    private readonly onEnd: (reader: ReaderProcess) => void;
    private pending: { readonly done: (answer: ReaderAnswer | ReaderLoss) => void; timer: NodeJS.Timeout } | null =
        null;
    private loss: ReaderLoss = 'ended';
    /** Bytes of the answer that is coming in. */
    private partial: Buffer = Buffer.alloc(0);
    private filled = 0;
    private headBytes = -1;
    jobsDone = 0;

    constructor(onEnd: (reader: ReaderProcess) => void) {
        this.onEnd = onEnd;
        this.child = spawn(process.execPath, [...READER_FLAGS, PROGRAM], {
            stdio: ['pipe', 'pipe', 'inherit'],
            // Options meant for the server, like a profiler's, are not meant for its readers.
            env: { ...process.env, NODE_OPTIONS: process.env.ELT_READER_NODE_OPTIONS ?? '' },
        });
        this.child.stdout?.on('data', (chunk: Buffer) => this.take(chunk));
        this.child.stdin?.on('error', () => undefined);
        this.child.on('error', () => this.ended());
        this.child.on('exit', () => this.ended());
    }

    get pid(): number | undefined {
        return this.child.pid;
    }

    /** Does a job; after `timeoutMs` the process is killed, which is the only way to stop a running query. */
    ask(job: Job, timeoutMs: number, done: (answer: ReaderAnswer | ReaderLoss) => void): void {
        const timer = setTimeout(() => this.kill('time limit'), timeoutMs);
        this.pending = { done, timer };
        this.child.stdin?.write(encodeJob(job));
    }

    kill(loss: ReaderLoss): void {
        this.loss = loss;
        this.child.kill('SIGKILL');
    }

    /** Lets it end by itself, after the job it has. */
    close(): void {
        this.child.stdin?.end();
    }

    private take(chunk: Buffer): void {
        if (this.headBytes < 0 && this.filled === 0 && chunk.length >= ANSWER_PREFIX_BYTES) {
            // Most answers come whole, in one piece.
            const whole = ANSWER_PREFIX_BYTES + chunk.readUInt32LE(0) + chunk.readUInt32LE(4);
            if (chunk.length === whole) {
                this.finish(chunk, chunk.readUInt32LE(0));
                return;
            }
        }
        this.collect(chunk);
    }

    /** An answer in pieces: its place is made as soon as its length is known. */
    private collect(chunk: Buffer): void {
        if (this.headBytes < 0) {
            const start = Buffer.concat([this.partial.subarray(0, this.filled), chunk]);
            this.partial = start;
            this.filled = start.length;
            if (start.length < ANSWER_PREFIX_BYTES) {
                return;
            }
            this.headBytes = start.readUInt32LE(0);
            this.partial = Buffer.allocUnsafeSlow(ANSWER_PREFIX_BYTES + this.headBytes + start.readUInt32LE(4));
            start.copy(this.partial);
        } else {
            chunk.copy(this.partial, this.filled);
            this.filled += chunk.length;
        }
        if (this.filled >= this.partial.length) {
            const [frame, headBytes] = [this.partial, this.headBytes];
            this.partial = Buffer.alloc(0);
            this.filled = 0;
            this.headBytes = -1;
            this.finish(frame, headBytes);
        }
    }

    private finish(frame: Buffer, headBytes: number): void {
        const bodyAt = ANSWER_PREFIX_BYTES + headBytes;
        const head = JSON.parse(frame.toString('utf8', ANSWER_PREFIX_BYTES, bodyAt)) as AnswerHead;
        this.jobsDone++;
        this.settle({ head, body: frame.subarray(bodyAt) });
    }

    private settle(answer: ReaderAnswer | ReaderLoss): void {
        const pending = this.pending;
        this.pending = null;
        clearTimeout(pending?.timer);
        pending?.done(answer);
    }

    private isEnded = false;

    private ended(): void {
        if (!this.isEnded) {
            this.isEnded = true;
            this.onEnd(this);
            this.settle(this.loss);
        }
    }
}
