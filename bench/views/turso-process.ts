import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT } from '../workshop.ts';

/** Python with the package `pyturso`, in which new versions of Turso come first. */
const PYTHON = process.env.ELT_TURSO_PYTHON ?? 'python3';

/** Undefined where it is not installed. */
export function tursoVersion(): string | undefined {
    const asked = 'import importlib.metadata as known; print(known.version("pyturso"))';
    const { status, stdout } = spawnSync(PYTHON, ['-c', asked], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
}

/** What Turso says no to, or how its process ended. */
export class TursoFailed extends Error {
    override readonly name = 'TursoFailed';
}

export interface TursoAnswer {
    readonly seconds?: number;
    readonly rows?: readonly (readonly unknown[])[];
    readonly error?: string;
}

/** Turso in a process of its own: it may end at any request, by an assertion of its own. `end` ends it. */
export class TursoProcess {
    readonly #child: ChildProcessWithoutNullStreams;
    readonly #answers: AsyncIterator<string>;
    readonly #closed: Promise<unknown>;
    #stderr = '';

    constructor() {
        this.#child = spawn(PYTHON, [join(PROJECT, 'bench', 'rivals', 'turso-views.py')]);
        this.#child.stdin.on('error', () => undefined);
        this.#child.stderr.on('data', (text: Buffer) => {
            this.#stderr += text;
        });
        this.#closed = once(this.#child, 'close');
        this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    }

    /** @throws TursoFailed */
    async ask(request: Readonly<Record<string, unknown>>): Promise<TursoAnswer> {
        this.#child.stdin.write(`${JSON.stringify(request)}\n`);
        const { done, value } = await this.#answers.next();
        if (done === true) {
            await this.#closed;
            throw new TursoFailed(`its process ends: ${firstWords(this.#stderr)}`);
        }
        const answer = JSON.parse(value) as TursoAnswer;
        if (answer.error !== undefined) {
            throw new TursoFailed(answer.error);
        }
        return answer;
    }

    async end(): Promise<void> {
        this.#child.stdin.end();
        await this.#closed;
    }
}

/** The assertion that did not hold, of a backtrace of fifty lines. */
function firstWords(stderr: string): string {
    const lines = stderr.split('\n').filter((line) => line !== '');
    const at = lines.findIndex((line) => line.includes('panicked at'));
    return at < 0 ? (lines[0] ?? '') : `${lines[at]} ${lines[at + 1] ?? ''}`.replace(/^thread '[^']*' /, '');
}
