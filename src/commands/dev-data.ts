import { existsSync, statSync } from 'node:fs';
import { isMigrated } from '../sqlite/database.ts';
import { type PrivateCopy, privateCopy } from '../sqlite/private-copy.ts';

/** The data on which files are tried: a private copy of the database, or why there is none. */
export type DevCopy =
    | { readonly copy: PrivateCopy; readonly at: Date; readonly milliseconds: number; readonly bytes: number }
    | { readonly copy: null; readonly why: string };

/** A copy is taken anew when it is so many times older than taking it lasted. */
const AGE_IN_COPIES = 20;

/**
 * Owns the private copy. It is taken anew when the database has changed since, but not so often that a person waits for
 * copying more than for anything else.
 */
export class DevData {
    readonly #file: string;
    readonly #bytesMax: number;
    #stamp = '';
    #held: Extract<DevCopy, { readonly copy: PrivateCopy }> | undefined;

    constructor(file: string, bytesMax: number) {
        this.#file = file;
        this.#bytesMax = bytesMax;
    }

    async current(): Promise<DevCopy> {
        if (!existsSync(this.#file)) {
            return this.#without(`there is no database ${this.#file} yet`);
        }
        const stamp = this.#stampNow();
        if (this.#held !== undefined && (stamp === this.#stamp || this.#isYoung(this.#held))) {
            return this.#held;
        }
        const bytes = this.#bytes();
        if (bytes > this.#bytesMax) {
            return this.#without(`${this.#file} is larger than --copy-max`);
        }
        this.close();
        const started = performance.now();
        const copy = await privateCopy(this.#file);
        if (!isMigrated(copy.database)) {
            copy.close();
            return this.#without(`${this.#file} has no control tables yet`);
        }
        this.#stamp = stamp;
        this.#held = { copy, at: new Date(), milliseconds: performance.now() - started, bytes };
        return this.#held;
    }

    close(): void {
        this.#held?.copy.close();
        this.#held = undefined;
    }

    #without(why: string): DevCopy {
        this.close();
        return { copy: null, why };
    }

    #isYoung({ at, milliseconds }: { readonly at: Date; readonly milliseconds: number }): boolean {
        return Date.now() - at.getTime() < AGE_IN_COPIES * milliseconds;
    }

    #files() {
        return [this.#file, `${this.#file}-wal`].flatMap((name) => statSync(name, { throwIfNoEntry: false }) ?? []);
    }

    #bytes(): number {
        return this.#files().reduce((sum, { size }) => sum + size, 0);
    }

    #stampNow(): string {
        return this.#files()
            .map(({ ino, size, mtimeMs }) => `${ino}.${size}.${mtimeMs}`)
            .join();
    }
}
