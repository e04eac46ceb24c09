import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { elt, type Ran, workFolder } from './elt.ts';

/** A disk that fails or loses power, made by a library that is preloaded into `elt`: see disk-faults.c. */

const SOURCE = fileURLToPath(new URL('disk-faults.c', import.meta.url));

export interface DiskFault {
    /** The nth write, sync, truncation or removal fails with this number (5 EIO, 28 ENOSPC); later ones too. */
    readonly failAt?: number;
    readonly errno?: 5 | 28;
    readonly stays?: boolean;
    /** Behind the nth the power is cut; -1: when the process has done all and ends. */
    readonly cutAt?: number;
    readonly seed?: number;
}

/** The compiled library; null where it cannot be made: not on Linux, or no gcc, which under CI is an error. */
export function diskFaults(): DiskFaults | null {
    if (process.platform !== 'linux') {
        return null;
    }
    const folder = workFolder();
    const library = join(folder, 'disk-faults.so');
    try {
        execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-o', library, SOURCE, '-ldl'], { stdio: 'pipe' });
        return new DiskFaults(library, join(folder, 'count'));
    } catch (error) {
        if (process.env.CI === 'true') {
            throw new Error('gcc is missing: the faults of the disk cannot be tested', { cause: error });
        }
        return null;
    }
}

export class DiskFaults {
    readonly #library: string;
    readonly #countFile: string;

    constructor(library: string, countFile: string) {
        this.#library = library;
        this.#countFile = countFile;
    }

    /** Runs `elt … --db file` on a disk with that fault. */
    run(words: readonly string[], file: string, cwd: string, fault: DiskFault): Promise<Ran> {
        const env: Record<string, string> = {
            LD_PRELOAD: this.#library,
            DISK_NAME: basename(file),
            DISK_COUNT: this.#countFile,
            DISK_FAIL_AT: String(fault.failAt ?? 0),
            DISK_ERRNO: String(fault.errno ?? 5),
            DISK_STAYS: fault.stays === true ? '1' : '0',
            DISK_CUT_AT: String(fault.cutAt ?? 0),
            DISK_SEED: String(fault.seed ?? 1),
        };
        return elt([...words, '--db', file], { cwd, env });
    }

    /** How many writes, syncs, truncations and removals the last run that ended by itself made. */
    lastCount(): number {
        return Number(readFileSync(this.#countFile, 'utf8'));
    }
}
