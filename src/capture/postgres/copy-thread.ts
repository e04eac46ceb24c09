import { EltError } from '../../core/errors.ts';
import { OwnThread } from '../../core/own-thread.ts';
import { serverError } from '../../postgres/server-error.ts';
import type { CopyRequest } from './copy-stream.ts';
import type { StreamEnd } from './stream-thread.ts';

/** What the thread receives. */
export type ToCopyThread =
    | { readonly copy: string }
    /** From now on rows are written into that file. */
    | { readonly into: string }
    | { readonly release: number };

/** What the thread tells. */
export type FromCopyThread =
    | { readonly opened: true }
    | { readonly rows: ArrayBuffer; readonly length: number }
    | { readonly copied: true }
    | { readonly failed: StreamEnd };

/** A copying connection in a thread of its own. */
export class CopyThread {
    readonly #request: CopyRequest;
    readonly #thread: OwnThread<ToCopyThread, FromCopyThread>;
    readonly #told: FromCopyThread[] = [];
    #wake: () => void = () => undefined;

    private constructor(request: CopyRequest) {
        this.#request = request;
        this.#thread = new OwnThread({
            owner: import.meta.url,
            program: 'copy-worker',
            does: 'copies rows',
            data: request,
            heapMb: 64,
            youngMb: 4,
            hear: (message: FromCopyThread) => this.#hear(message),
            failed: (known) => this.#hear({ failed: { known } }),
        });
    }

    /** Resolves when the connection has taken over the snapshot. */
    static async open(request: CopyRequest): Promise<CopyThread> {
        const thread = new CopyThread(request);
        try {
            await thread.#next();
            return thread;
        } catch (error) {
            await thread.close();
            throw error;
        }
    }

    /** Runs a `copy … to stdout`. Rows are good until the next are asked for. */
    async *copy(sql: string): AsyncGenerator<Buffer> {
        this.#thread.tell({ copy: sql });
        for (;;) {
            const message = await this.#next();
            if ('copied' in message) {
                return;
            }
            if ('rows' in message) {
                yield Buffer.from(message.rows, 0, message.length);
                this.#thread.tell({ release: message.length });
            }
        }
    }

    /** Writes the rows of `copy … to stdout` statements into a file, without the caller's help. */
    async copyInto(path: string, statements: readonly string[]): Promise<void> {
        this.#thread.tell({ into: path });
        await this.#next();
        for (const sql of statements) {
            this.#thread.tell({ copy: sql });
            await this.#next();
        }
    }

    async close(): Promise<void> {
        await this.#thread.close();
    }

    #hear(message: FromCopyThread): void {
        this.#told.push(message);
        this.#wake();
    }

    async #next(): Promise<FromCopyThread> {
        while (this.#told.length === 0) {
            await new Promise<void>((resolve) => {
                this.#wake = resolve;
            });
        }
        const message = this.#told.shift() as FromCopyThread;
        if ('failed' in message) {
            const { failed } = message;
            throw failed !== null && 'known' in failed
                ? new EltError(failed.known)
                : serverError(
                      Object.assign(new Error(failed?.server.message), failed?.server),
                      this.#request.address,
                      'copy rows',
                  );
        }
        return message;
    }
}
