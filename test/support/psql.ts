import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** A statement that PostgreSQL refused; `message` holds psql's own words and the SQL. */
export class PsqlError extends Error {
    override readonly name = 'PsqlError';
}

/**
 * One open `psql` session: a connection without a driver, and fast (a statement costs a round trip, not a process).
 * Owns its child process; `close` ends it. Statements run one after the other, in the order of the calls.
 */
export class Psql {
    readonly #child: ChildProcessWithoutNullStreams;
    #stdout = '';
    #stderr = '';
    #ended: string | undefined;
    #wake: () => void = () => {};
    #queue: Promise<unknown> = Promise.resolve();

    constructor(program: string, args: readonly string[]) {
        this.#child = spawn(program, [...args, '-X', '-q', '-A', '-t', '-v', 'HISTFILE=/dev/null'], {
            env: { ...process.env, PGCLIENTENCODING: 'UTF8', PGOPTIONS: '-c client_min_messages=error' },
        });
        this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
            this.#stdout += text;
            this.#wake();
        });
        this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
            this.#stderr += text;
            this.#wake();
        });
        this.#child.on('close', (code) => {
            this.#ended = `psql ended with status ${code}`;
            this.#wake();
        });
        this.#child.on('error', (error) => {
            this.#ended = error.message;
            this.#wake();
        });
        this.#child.stdin.on('error', () => {});
    }

    /** Runs statements (each ended by `;`) and gives what psql prints, without the last line feed. */
    sql(text: string): Promise<string> {
        const answer = this.#queue.then(() => this.#run(text));
        this.#queue = answer.catch(() => {});
        return answer;
    }

    /** The rows of one query without `;`, as objects. Cast to text in the query whatever JSON numbers would lose. */
    async rows<Row>(query: string): Promise<Row[]> {
        return JSON.parse(
            await this.sql(`select coalesce(json_agg(answer), '[]') from (${query}) as answer;`),
        ) as Row[];
    }

    async close(): Promise<void> {
        if (this.#ended === undefined) {
            const closed = new Promise((resolve) => this.#child.once('close', resolve));
            this.#child.stdin.end('\\q\n');
            await closed;
        }
    }

    async #run(text: string): Promise<string> {
        const marker = `--done-${randomUUID()}--`;
        this.#stdout = '';
        this.#stderr = '';
        this.#child.stdin.write(`${text}\n\\echo '${marker}'\n\\warn '${marker}'\n`);
        // Both streams carry the marker: only then has everything that belongs to this call arrived.
        while (!this.#stdout.endsWith(`${marker}\n`) || !this.#stderr.endsWith(`${marker}\n`)) {
            if (this.#ended !== undefined) {
                throw new PsqlError(`${this.#ended}\n${this.#stderr}\n${shortened(text)}`);
            }
            await new Promise<void>((resolve) => {
                this.#wake = resolve;
            });
        }
        const complaint = this.#stderr.slice(0, -marker.length - 1);
        if (/(ERROR|FATAL|PANIC):|invalid command/.test(complaint)) {
            throw new PsqlError(`${complaint.trim()}\n${shortened(text)}`);
        }
        return this.#stdout.slice(0, -marker.length - 1).replace(/\n$/, '');
    }
}

function shortened(text: string): string {
    return text.length <= 4_000 ? text : `${text.slice(0, 2_000)}\n…\n${text.slice(-2_000)}`;
}
