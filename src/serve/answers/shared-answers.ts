import { type Asked, isFailed } from './ask-readers.ts';

/** How long a failure that is not the question's own fault is kept: a crowd must not repeat a slow query in turn. */
const FAILURE_KEPT_MS = 3_000;

/** About what an entry takes beside its body. */
const ENTRY_BYTES = 1_024;

interface Kept {
    readonly pipeline: string;
    readonly version: string;
    readonly answer: Promise<Asked>;
    /** Null while it is being asked. */
    bytes: number | null;
    /** When a failure is forgotten. */
    until: number;
}

/** Whose answer it is: all who ask for the same question with the same values, in the same state, share it. */
export interface SharedKey {
    readonly pipeline: string;
    /** Null: it is not known whether the state is the same, so nothing is shared. */
    readonly version: string | null;
    readonly question: string;
}

/**
 * Answers that many ask for, as all viewers of a dashboard do when a run ends: each is asked once for a state of the
 * database, then kept while the state lasts, the least used ones first to go when they exceed the limit. An answer is
 * at least as new as its version: a commit during the query makes it newer, and the next version is asked anew.
 */
export class SharedAnswers {
    readonly #bytesMax: number;
    readonly #kept = new Map<string, Kept>();
    readonly #versions = new Map<string, string>();
    #bytes = 0;
    #asked = 0;
    #shared = 0;

    constructor(bytesMax: number) {
        this.#bytesMax = bytesMax;
    }

    /** Asks with `ask`, unless somebody has asked for the same. Rejects as `ask` does. */
    get({ pipeline, version, question }: SharedKey, ask: () => Promise<Asked>): Promise<Asked> {
        if (version === null) {
            return ask();
        }
        this.#forgetOlder(pipeline, version);
        const key = `${version} ${question}`;
        const known = this.#kept.get(key);
        if (known !== undefined && performance.now() < known.until) {
            this.#shared++;
            // Now it is the one that was used last.
            this.#kept.delete(key);
            this.#kept.set(key, known);
            return known.answer;
        }
        this.#drop(key);
        this.#asked++;
        const entry: Kept = { pipeline, version, answer: ask(), bytes: null, until: Number.POSITIVE_INFINITY };
        this.#kept.set(key, entry);
        entry.answer.then(
            (answer) => this.#settle(key, entry, isFailed(answer) ? 0 : answer.body.length),
            () => {
                entry.until = performance.now() + FAILURE_KEPT_MS;
                this.#settle(key, entry, 0);
            },
        );
        return entry.answer;
    }

    /** How often a question was asked, and how often an answer was shared instead. */
    figures(): { readonly asked: number; readonly shared: number; readonly bytes: number } {
        return { asked: this.#asked, shared: this.#shared, bytes: this.#bytes };
    }

    #settle(key: string, entry: Kept, bodyBytes: number): void {
        if (this.#kept.get(key) !== entry) {
            // Forgotten meanwhile: the state has changed.
            return;
        }
        entry.bytes = bodyBytes + ENTRY_BYTES;
        this.#bytes += entry.bytes;
        for (const [oldest, { bytes }] of this.#kept) {
            if (this.#bytes <= this.#bytesMax) {
                break;
            }
            if (bytes !== null) {
                this.#drop(oldest);
            }
        }
    }

    #forgetOlder(pipeline: string, version: string): void {
        if (this.#versions.get(pipeline) === version) {
            return;
        }
        this.#versions.set(pipeline, version);
        for (const [key, entry] of this.#kept) {
            if (entry.pipeline === pipeline && entry.version !== version) {
                this.#drop(key);
            }
        }
    }

    #drop(key: string): void {
        const entry = this.#kept.get(key);
        if (entry !== undefined) {
            this.#kept.delete(key);
            this.#bytes -= entry.bytes ?? 0;
        }
    }
}
