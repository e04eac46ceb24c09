import { spawn } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Whether the command is built: the oracle runs what users run. */
export function eltIsBuilt(): boolean {
    return existsSync(CLI);
}

export class EltFailed extends Error {
    override readonly name = 'EltFailed';
    readonly status: number | null;

    constructor(command: readonly string[], status: number | null, output: string) {
        super(`elt ${command.join(' ')} ended with status ${status}\n${output}`);
        this.status = status;
    }
}

interface EltOptions {
    readonly database: string;
    readonly pipeline: string;
    /** Where `sql/` is; the project's own if it is not given. */
    readonly project?: string | undefined;
}

/** `elt` with the options that one database always takes. */
export class Elt {
    readonly options: EltOptions;
    readonly #common: readonly string[];

    constructor(options: EltOptions) {
        if (!eltIsBuilt()) {
            throw new Error(`${CLI} is missing: npm run build`);
        }
        this.options = options;
        const project = options.project === undefined ? [] : ['--project', options.project];
        this.#common = ['--db', options.database, '--pipeline', options.pipeline, ...project];
    }

    /** The same command on another database file. */
    on(database: string): Elt {
        return new Elt({ ...this.options, database });
    }

    /** What `process.execPath` is started with for a command. */
    words(command: readonly string[]): readonly string[] {
        return [CLI, ...this.#common, ...command];
    }

    /** Standard output; every status but 0 is an error, since nothing that the oracle sends may be refused. */
    run(command: readonly string[], standardInput?: string): Promise<string> {
        const args = [...this.words(command)];
        return new Promise((resolve, reject) => {
            const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 180_000 });
            let output = '';
            let complaint = '';
            child.stdout.setEncoding('utf8').on('data', (text: string) => {
                output += text;
            });
            child.stderr.setEncoding('utf8').on('data', (text: string) => {
                complaint += text;
            });
            child.on('error', reject);
            child.on('close', (status) => {
                if (status === 0) {
                    resolve(output);
                } else {
                    reject(
                        new EltFailed([...this.#common, ...command], status, `${output}\n${complaint}`.slice(-4_000)),
                    );
                }
            });
            child.stdin.on('error', () => {});
            if (standardInput === undefined) {
                child.stdin.end();
            } else {
                createReadStream(standardInput).pipe(child.stdin);
            }
        });
    }
}
