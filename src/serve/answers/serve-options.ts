/** How a server is set up; each has its default in `elt serve --help`. */
export interface ServeOptions {
    readonly host: string;
    readonly port: number;
    /** Origins whose pages may read the answers; `*` is any. */
    readonly corsOrigins: readonly string[];
    /** Without it everybody who reaches the port may ask. */
    readonly token: string | null;
    /** How long a query may run, and how long it may wait for a reader. */
    readonly timeoutMs: number;
    readonly rowsMax: number;
    readonly bytesMax: number;
    readonly readers: number;
    /** Write a line for each request to standard error. */
    readonly logsRequests: boolean;
    /** The folder `sql/` of the project. */
    readonly sqlFolder: string;
    readonly pipelines: readonly { readonly name: string; readonly file: string }[];
}

export const SERVE_DEFAULTS = {
    host: '127.0.0.1',
    port: 8_080,
    timeoutMs: 5_000,
    rowsMax: 100_000,
    bytesMax: 16 * 1_024 * 1_024,
    readers: 4,
} as const;

/** Jobs that may wait for a reader. */
export const WAITING_MAX = 1_000;

/** Bytes of answers that are on their way to clients, of all connections together: what slow clients can hold. */
export const BODIES_BYTES_MAX = 32 * 1_024 * 1_024;

/** A client that takes an answer more slowly than this, after a while of grace, is given up. */
export const TAKING_BYTES_PER_SECOND_MIN = 32 * 1_024;
export const TAKING_GRACE_MS = 30_000;
