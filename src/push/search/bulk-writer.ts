import { setTimeout as sleep } from 'node:timers/promises';
import { EltError } from '../../core/errors.ts';
import type { PushReject } from '../../ledger/pushes.ts';
import { type FailureCause, reasonText, type SearchConnection } from './search-connection.ts';

/** One document to be written, or with a null text to be deleted. */
export interface BulkItem {
    readonly id: string;
    /** JSON array, for people. */
    readonly key: string;
    readonly text: string | null;
}

interface BulkAnswer {
    readonly errors?: boolean;
    readonly items?: readonly Readonly<Record<string, BulkAnswerItem>>[];
}

interface BulkAnswerItem {
    readonly _id: string;
    readonly status: number;
    readonly error?: FailureCause;
}

/** A request holds up to so much, and so many are on the way: what is in memory follows from both. */
const REQUEST_CHARACTERS = 4 * 1024 * 1024;
const REQUEST_ITEMS = 5_000;
const REQUESTS_MAX = 2;
/** More refused documents than that are a wrong mapping, not single rows. */
const REJECTS_MAX = 10_000;
const RETRIES_MAX = 8;
const PAUSE_MS_MIN = 250;

/**
 * Writes documents by `_bulk`, each under the same version. An index takes a version that is not lower than the one it
 * has, so what arrives late or twice changes nothing; a deleted document keeps its version for a while, too.
 * Source: https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
 */
export class BulkWriter {
    readonly rejects: PushReject[] = [];
    readonly accepted: string[] = [];
    written = 0;
    deleted = 0;
    /** Documents that were newer already: success, as long as somebody else may have written them. */
    newer = 0;
    readonly #connection: SearchConnection;
    readonly #index: string;
    readonly #version: number;
    readonly #refusedBefore: ReadonlySet<string>;
    readonly #under = new Set<Promise<void>>();
    #items: BulkItem[] = [];
    #characters = 0;
    #error: unknown = null;

    constructor(connection: SearchConnection, index: string, version: number, refusedBefore: ReadonlySet<string>) {
        this.#connection = connection;
        this.#index = index;
        this.#version = version;
        this.#refusedBefore = refusedBefore;
    }

    async add(item: BulkItem): Promise<void> {
        this.#items.push(item);
        this.#characters += item.id.length + (item.text?.length ?? 0);
        if (this.#characters >= REQUEST_CHARACTERS || this.#items.length === REQUEST_ITEMS) {
            await this.#flush();
        }
    }

    /** Resolves when the index has answered for everything. */
    async end(): Promise<void> {
        await this.#flush();
        await Promise.all(this.#under);
        this.#check();
    }

    async #flush(): Promise<void> {
        while (this.#under.size >= REQUESTS_MAX) {
            await Promise.race(this.#under);
        }
        this.#check();
        const items = this.#items;
        this.#items = [];
        this.#characters = 0;
        if (items.length > 0) {
            const request: Promise<void> = this.#send(items)
                .catch((error: unknown) => {
                    this.#error ??= error;
                })
                .finally(() => this.#under.delete(request));
            this.#under.add(request);
        }
    }

    #check(): void {
        if (this.#error !== null) {
            throw this.#error;
        }
    }

    async #send(items: readonly BulkItem[]): Promise<void> {
        let left = items;
        for (let tries = 0; left.length > 0; tries++) {
            if (tries > 0) {
                await sleep(PAUSE_MS_MIN * 2 ** (tries - 1) * (0.5 + Math.random() / 2));
            }
            const answer = await this.#connection.json<BulkAnswer>(
                'POST',
                `/${encodeURIComponent(this.#index)}/_bulk?filter_path=errors,items.*._id,items.*.status,items.*.error`,
                this.#bodyOf(left),
                'take documents',
            );
            left = this.#take(left, answer.items ?? [], tries === RETRIES_MAX);
        }
    }

    #bodyOf(items: readonly BulkItem[]): string {
        let body = '';
        for (const { id, text } of items) {
            const action = text === null ? 'delete' : 'index';
            body += `{"${action}":{"_id":${JSON.stringify(id)},"version":${this.#version},"version_type":"external_gte"}}\n`;
            body += text === null ? '' : `${text}\n`;
        }
        return body;
    }

    /** Counts what was answered; returns what is to be sent again. */
    #take(
        sent: readonly BulkItem[],
        answers: readonly Readonly<Record<string, BulkAnswerItem>>[],
        isLast: boolean,
    ): readonly BulkItem[] {
        const again: BulkItem[] = [];
        for (const [index, item] of sent.entries()) {
            const answer = Object.values(answers[index] ?? {})[0];
            const status = answer?.status ?? 0;
            const isDone = status === 409 || (status >= 200 && status < 300) || (status === 404 && item.text === null);
            if (isDone) {
                this.#count(item, status);
            } else if (status === 400) {
                this.#refuse(item, status, reasonText(answer?.error));
            } else if (isLast || ![0, 429, 500, 502, 503, 504].includes(status)) {
                throw this.#failure(status, reasonText(answer?.error));
            } else {
                again.push(item);
            }
        }
        return again;
    }

    #count({ id, text }: BulkItem, status: number): void {
        if (status === 409) {
            this.newer++;
        } else if (text !== null) {
            this.written++;
        } else if (status !== 404) {
            this.deleted++;
        }
        if (this.#refusedBefore.has(id)) {
            this.accepted.push(id);
        }
    }

    #refuse({ id, key }: BulkItem, status: number, reason: string): void {
        this.rejects.push({ document: id, key, status, reason });
        if (this.rejects.length > REJECTS_MAX) {
            throw new EltError({
                code: 'TARGET_VALUE',
                message: `the index "${this.#index}" refuses more than ${REJECTS_MAX} documents`,
                found: reason,
                state: 'the index has taken the others; pushing again is safe',
                next: 'correct the mart; or give the column another type in its head ("-- push_type: column text") and push with --full',
            });
        }
    }

    #failure(status: number, reason: string): EltError {
        return new EltError({
            code: status === 0 || status >= 429 ? 'TARGET_UNREACHABLE' : 'TARGET_REFUSED',
            message: `the index "${this.#index}" does not take documents`,
            found: `${status}: ${reason}`,
            state: 'what it has taken in stays; pushing again is safe',
            next: 'see what the server says: a full disk makes indexes read-only, for instance',
        });
    }
}
