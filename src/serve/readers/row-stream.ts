import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { READER_FLAGS, readerEnvironment } from './reader-process.ts';
import { type JobQuery, MEMORY_SIGNAL, type StreamHead } from './reader-wire.ts';

const PROGRAM = fileURLToPath(new URL(`./row-streamer${import.meta.url.slice(-3)}`, import.meta.url));

/** Why there are no rows. */
export type StreamLoss = 'time limit' | 'memory limit' | 'ended';

/** The rows of one query, however many, from a process of their own that lasts as long as they do. */
export class RowStream {
    readonly #child: ChildProcess;
    readonly #timeoutMs: number;
    readonly #out: AsyncIterator<unknown>;
    readonly #ended: Promise<unknown>;
    /** What has arrived after the head. */
    #first: Buffer = Buffer.alloc(0);
    #wasLate = false;

    constructor(database: string, query: JobQuery, timeoutMs: number, onEnd: () => void) {
        this.#timeoutMs = timeoutMs;
        this.#child = spawn(process.execPath, [...READER_FLAGS, PROGRAM], {
            stdio: ['pipe', 'pipe', 'inherit'],
            env: readerEnvironment(process.env),
        });
        this.#out = (this.#child.stdout as Readable)[Symbol.asyncIterator]();
        this.#ended = once(this.#child, 'close').catch(() => undefined);
        this.#child.once('close', onEnd);
        this.#child.once('error', onEnd);
        this.#child.stdin?.on('error', () => undefined);
        this.#child.stdin?.end(JSON.stringify({ database, query }));
    }

    /** Waits for the first rows, or the reason why there are none. */
    async head(): Promise<StreamHead | StreamLoss> {
        const parts: Buffer[] = [];
        for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
            parts.push(piece);
            const end = piece.indexOf(10);
            if (end >= 0) {
                const all = Buffer.concat(parts);
                const at = all.length - piece.length + end;
                this.#first = all.subarray(at + 1);
                return JSON.parse(all.toString('utf8', 0, at)) as StreamHead;
            }
        }
        await this.#ended;
        return this.#loss();
    }

    /** The text of the rows. @throws Error if they end early: what was sent must not look whole. */
    async *pieces(): AsyncGenerator<Buffer> {
        try {
            if (this.#first.length > 0) {
                yield this.#first;
            }
            for (let piece = await this.#next(); piece !== null; piece = await this.#next()) {
                yield piece;
            }
            await this.#ended;
            if (this.#child.exitCode !== 0) {
                throw new Error(`rows that were being sent: ${this.#loss()}`);
            }
        } finally {
            this.end();
        }
    }

    /** Ends the process; nothing is lost, since it only reads. */
    end(): void {
        this.#child.stdout?.destroy();
        this.#child.kill('SIGKILL');
    }

    #loss(): StreamLoss {
        return this.#wasLate ? 'time limit' : this.#child.signalCode === MEMORY_SIGNAL ? 'memory limit' : 'ended';
    }

    /** Null at the end. One that takes longer than the time limit is the last. */
    async #next(): Promise<Buffer | null> {
        const timer = setTimeout(() => {
            this.#wasLate = true;
            this.end();
        }, this.#timeoutMs);
        try {
            const { done, value } = await this.#out.next();
            return done === true ? null : (value as Buffer);
        } catch {
            // It was ended.
            return null;
        } finally {
            clearTimeout(timer);
        }
    }
}
