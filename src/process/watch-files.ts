import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** The system may miss a change (a network disk, a mounted folder), so the files are looked at so often too. */
const POLL_MS = 500;
/** An editor writes in several steps: a file is taken when nothing has changed for so long. */
const QUIET_MS = 60;

/**
 * Watches the SQL files in some folders, which need not exist, with all that lies in them. Files are compared by their
 * number, size and time, so it does not matter how an editor writes: in place, or by renaming a new file over the old one.
 */
export class FileWatch {
    readonly #folders: readonly string[];
    readonly #watchers: FSWatcher[] = [];
    #known: ReadonlyMap<string, string>;
    #wake: () => void = () => undefined;

    constructor(folders: readonly string[]) {
        this.#folders = folders;
        this.#known = this.#stamps();
        for (const folder of folders) {
            this.#watchers.push(...this.#watchFolder(folder));
        }
    }

    /** The files that have changed, come or gone since the last call; waits for one. Empty: `isEnded` was true. */
    async changed(isEnded: () => boolean): Promise<readonly string[]> {
        while (!isEnded()) {
            const now = this.#stamps();
            if (differences(this.#known, now).length === 0) {
                await this.#pause(POLL_MS);
                continue;
            }
            const settled = await this.#settled(now);
            const changed = differences(this.#known, settled);
            this.#known = settled;
            if (changed.length > 0) {
                return changed;
            }
        }
        return [];
    }

    /** Ends a wait. */
    wake(): void {
        this.#wake();
    }

    close(): void {
        for (const watcher of this.#watchers) {
            watcher.close();
        }
    }

    async #settled(first: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
        let before = first;
        while (true) {
            await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
            const now = this.#stamps();
            if (differences(before, now).length === 0) {
                return now;
            }
            before = now;
        }
    }

    async #pause(milliseconds: number): Promise<void> {
        await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, milliseconds);
            this.#wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }

    /** Without it a change is seen by looking, a little later. */
    #watchFolder(folder: string): FSWatcher[] {
        try {
            const watcher = watch(folder, { recursive: true, persistent: false }, () => this.#wake());
            watcher.on('error', () => watcher.close());
            return [watcher];
        } catch {
            return [];
        }
    }

    #stamps(): ReadonlyMap<string, string> {
        const stamps = new Map<string, string>();
        for (const folder of this.#folders) {
            for (const name of filesIn(folder)) {
                const status = statSync(join(folder, name), { throwIfNoEntry: false });
                if (status?.isFile() === true) {
                    stamps.set(join(folder, name), `${status.ino}.${status.size}.${status.mtimeMs}.${status.ctimeMs}`);
                }
            }
        }
        return stamps;
    }
}

/** SQL files; what editors write beside them (`.metrics.sql.swp`, `metrics.sql~`) is none. */
function filesIn(folder: string): readonly string[] {
    try {
        const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
        return entries.filter((name) => name.endsWith('.sql') && !/(^|[\\/])\./.test(name)).sort();
    } catch {
        return [];
    }
}

function differences(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly string[] {
    const names = new Set([...before.keys(), ...now.keys()]);
    return [...names].filter((name) => before.get(name) !== now.get(name)).sort();
}
