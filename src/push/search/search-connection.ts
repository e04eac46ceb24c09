import { readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { EltError } from '../../core/errors.ts';
import { pushTimeoutMs } from '../push-timeout.ts';

/** What a person gives besides the address: from the environment or from files, never on the command line. */
interface Credentials {
    readonly authorization: string | null;
    readonly authority: Buffer | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface SearchAnswer {
    readonly status: number;
    readonly body: string;
}

/** One attempt may take so long without a byte, where nobody says otherwise. */
const TIMEOUT_MS = 60_000;
const CONNECTIONS_MAX = 4;
/** How often, and for how long at most in all, a server that is busy is asked again. */
const PAUSE_MS_MIN = 250;
const PAUSE_MS_MAX = 10_000;
const BUSY_MS_MAX = 120_000;
const UNREACHED_TRIES = 3;
/** Too many requests, and a cluster or a proxy that is not ready. */
const BUSY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Requests to OpenSearch or Elasticsearch. Owns the sockets; `close` ends them. A request that was not answered is sent
 * again: whatever is sent here may be.
 */
export class SearchConnection {
    readonly #base: string;
    readonly #credentials: Credentials;
    readonly #http: typeof import('node:http') | typeof import('node:https');
    readonly #agent: Agent;
    readonly #timeoutMs: number;

    /** @throws EltError COMMAND_WRONG for a file that cannot be read. */
    constructor(base: string, environment: Environment = process.env) {
        this.#base = base;
        this.#timeoutMs = pushTimeoutMs(TIMEOUT_MS, environment);
        this.#credentials = credentialsOf(environment);
        const { authority } = this.#credentials;
        // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 would otherwise let anyone take the rows and the password.
        const pool = { keepAlive: true, maxSockets: CONNECTIONS_MAX, rejectUnauthorized: true };
        // An `import` of node:http reads all of its members, one of which loads undici: 20 ms of each start.
        this.#http = process.getBuiltinModule(base.startsWith('https:') ? 'node:https' : 'node:http');
        this.#agent = new this.#http.Agent(authority === undefined ? pool : { ...pool, ca: authority });
    }

    /** Resolves with any answer but those that ask for patience. @throws EltError TARGET_UNREACHABLE, TARGET_REFUSED. */
    async send(method: string, path: string, body?: unknown): Promise<SearchAnswer> {
        const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
        const bytes = text === undefined ? undefined : Buffer.from(text);
        const end = performance.now() + BUSY_MS_MAX;
        for (let tries = 1, pause = PAUSE_MS_MIN; ; tries++, pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
            let found: string;
            try {
                const answer = await this.#once(method, path, bytes);
                if (!BUSY.has(answer.status)) {
                    return this.#admitted(answer);
                }
                if (performance.now() + pause > end) {
                    throw this.#unreachable(`it is busy: ${answer.status}`);
                }
                found = '';
            } catch (error) {
                if (error instanceof EltError || tries >= UNREACHED_TRIES || isUntrusted(error)) {
                    throw error instanceof EltError ? error : this.#failed(error);
                }
                found = String(error);
            }
            await sleep(pause * (0.5 + Math.random() / 2), found);
        }
    }

    /** The same, where everything but success is an error; the body is JSON. */
    async json<T>(method: string, path: string, body?: unknown, doing = 'answer'): Promise<T> {
        const answer = await this.send(method, path, body);
        if (answer.status >= 300) {
            throw this.refusal(answer, doing);
        }
        return JSON.parse(answer.body) as T;
    }

    refusal({ status, body }: SearchAnswer, doing: string): EltError {
        return new EltError({
            code: 'TARGET_REFUSED',
            message: `the index server refused to ${doing}`,
            where: this.#base,
            found: `${status}: ${reasonOf(body)}`,
            state: 'what the target has taken in stays; pushing again is safe',
            next: 'see what the server says',
        });
    }

    close(): void {
        this.#agent.destroy();
    }

    #admitted(answer: SearchAnswer): SearchAnswer {
        if (answer.status === 401 || answer.status === 403) {
            const given = this.#credentials.authorization === null ? 'no user and no key' : 'credentials';
            throw new EltError({
                code: 'TARGET_REFUSED',
                message: 'the index server lets nobody in with that',
                where: this.#base,
                found: `${answer.status} for ${given}: ${reasonOf(answer.body)}`,
                state: 'what the target has taken in stays; pushing again is safe',
                next: 'set ELT_SEARCH_USER and ELT_SEARCH_PASSWORD, or ELT_SEARCH_API_KEY, to those of a user who may write there',
            });
        }
        return answer;
    }

    #failed(error: unknown): EltError {
        if (isUntrusted(error)) {
            return new EltError({
                code: 'TARGET_REFUSED',
                message: 'no safe connection to the index server could be made',
                where: this.#base,
                state: 'nothing was sent',
                next: 'name the file of its authority in ELT_SEARCH_CA; the host must be the one that the certificate names',
                cause: error,
            });
        }
        return this.#unreachable(undefined, error);
    }

    #unreachable(found: string | undefined, cause?: unknown): EltError {
        return new EltError({
            code: 'TARGET_UNREACHABLE',
            message: 'the index server cannot be reached',
            where: this.#base,
            found,
            state: 'what the target has taken in stays; pushing again is safe',
            next: 'check that it runs, the host and the port; then push again',
            cause,
        });
    }

    #once(method: string, path: string, body: Buffer | undefined): Promise<SearchAnswer> {
        const { authorization } = this.#credentials;
        return new Promise((resolve, reject) => {
            const sent = this.#http.request(
                `${this.#base}${path}`,
                {
                    method,
                    agent: this.#agent,
                    timeout: this.#timeoutMs,
                    headers: {
                        accept: 'application/json',
                        ...(body === undefined
                            ? {}
                            : { 'content-type': contentType(path), 'content-length': body.length }),
                        ...(authorization === null ? {} : { authorization }),
                    },
                },
                (response) => {
                    const pieces: Buffer[] = [];
                    let bytes = 0;
                    response.on('data', (piece: Buffer) => {
                        pieces.push(piece);
                        bytes += piece.length;
                        if (bytes > ANSWER_BYTES_MAX) {
                            sent.destroy(new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`));
                        }
                    });
                    response.on('error', reject);
                    response.on('end', () =>
                        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces).toString('utf8') }),
                    );
                },
            );
            sent.on('timeout', () => sent.destroy(new Error(`no answer within ${this.#timeoutMs / 1_000} seconds`)));
            sent.on('error', reject);
            sent.end(body);
        });
    }
}

function contentType(path: string): string {
    return path.startsWith('/_bulk') ? 'application/x-ndjson' : 'application/json';
}

function credentialsOf(environment: Environment): Credentials {
    const value = (name: string): string | undefined => {
        const file = environment[`${name}_FILE`];
        return environment[name] || (file ? fileText(file, `${name}_FILE`).toString('utf8').trimEnd() : undefined);
    };
    const [user, password, key] = ['ELT_SEARCH_USER', 'ELT_SEARCH_PASSWORD', 'ELT_SEARCH_API_KEY'].map(value);
    const authority = environment.ELT_SEARCH_CA;
    const basic = user === undefined ? null : `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`;
    return {
        authorization: key === undefined ? basic : `ApiKey ${key}`,
        authority: authority ? fileText(authority, 'ELT_SEARCH_CA') : undefined,
    };
}

function fileText(path: string, variable: string): Buffer {
    try {
        return readFileSync(path);
    } catch (error) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the file that ${variable} names cannot be read`,
            found: path,
            state: 'nothing was sent',
            next: `correct ${variable}`,
            cause: error,
        });
    }
}

function isUntrusted(error: unknown): boolean {
    const code = String((error as { readonly code?: unknown }).code ?? '');
    return /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/.test(code);
}

/** The server's own words, of which there are many around them. */
export function reasonOf(body: string): string {
    try {
        const { error } = JSON.parse(body) as { readonly error?: unknown };
        return typeof error === 'string' ? error : reasonText(error as FailureCause | undefined) || body.slice(0, 300);
    } catch {
        return body.slice(0, 300);
    }
}

/** What the server says of a request or a document that failed. */
export interface FailureCause {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: FailureCause;
}

export function reasonText(cause: FailureCause | undefined): string {
    if (cause === undefined) {
        return '';
    }
    const own = [cause.type, cause.reason].filter((one) => one !== undefined).join(': ');
    const lower = reasonText(cause.caused_by);
    return lower === '' ? own : `${own} (${lower})`;
}
