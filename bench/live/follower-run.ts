import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CLI, NODE } from '../workshop.ts';

/** One `elt follow --json`, or `elt run -`, with what it says, and when. Owns the process; `end` ends it. */
export class FollowerRun {
    readonly child: ChildProcess;
    /** Milliseconds of the copy, as it says; NaN before. */
    copyMs = Number.NaN;
    /** When the stream began; NaN before. */
    followsAt = Number.NaN;
    #stderr = '';
    readonly #closed: Promise<number | null>;
    #hasBegun: () => void = () => undefined;
    readonly #begun = new Promise<void>((resolve) => {
        this.#hasBegun = resolve;
    });

    constructor(words: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore') {
        this.child = spawn(NODE, [CLI, ...words, '--json'], { stdio: [stdin, 'pipe', 'pipe'] });
        this.child.stderr?.on('data', (text: Buffer) => {
            this.#stderr += text;
        });
        createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#hear(line));
        this.#closed = once(this.child, 'close').then(([status]) => status as number | null);
    }

    get pid(): number {
        return this.child.pid as number;
    }

    /** Resolves when the stream begins. @throws Error if the process ends before */
    async follows(): Promise<void> {
        await Promise.race([this.#begun, this.ended()]);
    }

    /** Resolves with the milliseconds since the stream began. */
    async ended(): Promise<number> {
        const status = await this.#closed;
        if (status !== 0) {
            throw new Error(`elt follow ended with ${status}\n${this.#stderr.slice(-2_000)}`);
        }
        return performance.now() - this.followsAt;
    }

    async end(): Promise<void> {
        this.child.kill('SIGTERM');
        await this.#closed;
    }

    #hear(line: string): void {
        const said = (line.startsWith('{') ? JSON.parse(line) : {}) as { event?: string; milliseconds?: number };
        if (said.event === 'copied') {
            this.copyMs = said.milliseconds ?? Number.NaN;
        } else if (said.event === 'following') {
            this.followsAt = performance.now();
            this.#hasBegun();
        }
    }
}

/** The most memory that a process has held so far, MB of 10^6 bytes. Linux only. */
export function memoryMb(pid: number): number {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024) / 1e6;
}

/** User and system time of a process and its threads so far, ms. Linux only, in steps of 10. */
export function cpuMs(pid: number): number {
    const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(words[11]) + Number(words[12])) * 10;
}
