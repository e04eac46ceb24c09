import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ProjectFiles, readProjectFiles } from './model-files.ts';

/** A file that was written so shortly before it was read may be written again within the clock's tick. */
const UNSETTLED_MS = 50;

/** The files of a pipeline for a process that asks for them again and again: read anew when one of them has changed. */
export class KeptFiles {
    readonly #sqlFolder: string;
    readonly #pipeline: string;
    #stamp = '';
    #files: ProjectFiles | null = null;

    constructor(sqlFolder: string, pipeline: string) {
        this.#sqlFolder = sqlFolder;
        this.#pipeline = pipeline;
    }

    /** The same object as long as nothing has changed. @throws what `readProjectFiles` throws. */
    read(): ProjectFiles {
        const stamp = this.#stampOf();
        if (this.#files === null || stamp !== this.#stamp) {
            this.#files = null;
            this.#files = readProjectFiles(this.#sqlFolder, this.#pipeline);
            this.#stamp = stamp;
        }
        return this.#files;
    }

    #stampOf(): string {
        const folder = join(this.#sqlFolder, this.#pipeline);
        const stamps: string[] = [];
        const add = (path: string): void => {
            const status = statSync(path, { throwIfNoEntry: false });
            const isUnsettled = status !== undefined && Date.now() - status.mtimeMs < UNSETTLED_MS;
            stamps.push(
                status === undefined
                    ? ''
                    : `${status.ino}.${status.size}.${status.mtimeMs}.${status.ctimeMs}${isUnsettled ? performance.now() : ''}`,
            );
        };
        try {
            for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
                add(join(entry.parentPath, entry.name));
            }
        } catch {
            // Reading the files says what is wrong.
            return `${performance.now()}`;
        }
        return stamps.join();
    }
}
