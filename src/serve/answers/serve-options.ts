/** The options of a server; their defaults are in `elt serve --help`. */
export interface ServeOptions {
    readonly host: string;
    readonly port: number;
    /** Origins whose pages may read the answers; `*` allows any. */
    readonly corsOrigins: readonly string[];
    /** Null: every client that reaches the port is answered. */
    readonly token: string | null;
    /** Further hosts for which it answers, see `answeredHosts`. */
    readonly allowedHosts: readonly string[];
    /** How long a query may run, and how long it may wait for a reader. */
    readonly timeoutMs: number;
    readonly rowsMax: number;
    readonly bytesMax: number;
    readonly readers: number;
    /** Whether to write a line for each request to standard error. */
    readonly logsRequests: boolean;
    /** The folder `sql/` of the project. */
    readonly sqlFolder: string;
    readonly pipelines: readonly { readonly name: string; readonly file: string }[];
    /** The page of a pipeline's models, as `elt docs` writes it. */
    readonly modelsPage: (pipeline: string) => Promise<string>;
}

export const SERVE_DEFAULTS = {
    host: '127.0.0.1',
    port: 8_080,
    timeoutMs: 5_000,
    rowsMax: 100_000,
    bytesMax: 16 * 1_024 * 1_024,
    readers: 4,
} as const;

/** Bytes of answers that are kept for the next viewer of a dashboard. */
export const SHARED_BYTES_MAX = 16 * 1_024 * 1_024;

/** How many jobs may wait for a reader. */
export const WAITING_MAX = 1_000;

/** Limit of the bytes of answers that all slow clients together can hold in memory. */
export const BODIES_BYTES_MAX = 32 * 1_024 * 1_024;

/** A client that receives an answer more slowly than this, after a grace period, is disconnected. */
export const TAKING_BYTES_PER_SECOND_MIN = 32 * 1_024;
export const TAKING_GRACE_MS = 30_000;
