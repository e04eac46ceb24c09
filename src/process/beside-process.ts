import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { BELONGS_TO_PARENT } from './end-with-parent.ts';
import { WATCHED_BY } from './statement-watch.ts';

const STOP_MS_MAX = 15_000;

/**
 * Another `elt …` beside a process that lands: what a target takes, or does not take, delays no commit there.
 * Owns the process; `stop` ends it.
 */
export class BesideProcess {
    readonly #child: ChildProcess;
    readonly #closed: Promise<unknown>;

    /** `said` receives each line: events as JSON, errors as text. */
    constructor(words: readonly string[], said: (line: string) => void) {
        const { [WATCHED_BY]: _, ...environment } = process.env;
        this.#child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
            stdio: ['ignore', 'pipe', 'pipe'],
            env: { ...environment, [BELONGS_TO_PARENT]: '1' },
        });
        this.#closed = once(this.#child, 'close').catch(() => undefined);
        for (const stream of [this.#child.stdout, this.#child.stderr]) {
            createInterface({ input: stream as Readable }).on('line', said);
        }
    }

    /** What it is doing is broken off: the next one repeats it. */
    async stop(): Promise<void> {
        this.#child.kill('SIGTERM');
        const overdue = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX);
        await this.#closed;
        clearTimeout(overdue);
    }
}
