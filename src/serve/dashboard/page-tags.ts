import { pageTag } from './dashboard-data.ts';
import type { PageRequest } from './page-request.ts';

const SPOILED_MAX = 1_000;

/**
 * Entity tags of pages. A page that is sent as it comes has its tag before anybody knows whether a figure will fail for
 * now; if one does, the tag is spoiled: it is never answered with 304, and the next page gets another one.
 */
export class PageTags {
    readonly #salts = new Map<string, number>();
    #forgotten = 0;

    of(page: PageRequest, form: string): string | null {
        return pageTag(page, form, this.#salts.get(keyOf(page)) ?? this.#forgotten);
    }

    spoil(page: PageRequest): void {
        const key = keyOf(page);
        const salt = (this.#salts.get(key) ?? this.#forgotten) + 1;
        if (this.#salts.size >= SPOILED_MAX) {
            // All others get a salt that none of them has had.
            this.#forgotten = Math.max(salt, ...this.#salts.values()) + 1;
            this.#salts.clear();
        }
        this.#salts.set(key, Math.max(salt, this.#forgotten));
    }
}

function keyOf({ pipeline, given }: PageRequest): string {
    return JSON.stringify([pipeline.name, ...given]);
}
