import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../shared/data/', import.meta.url);

/**
 * Path of a file of the shared data, which lies beside the project and is no part of it; undefined where it is missing.
 * Under `CI=true` a missing file is an error: a proof that was skipped silently is none.
 */
export function sharedData(name: string): string | undefined {
    const path = fileURLToPath(new URL(name, FOLDER));
    if (existsSync(path)) {
        return path;
    }
    if (process.env.CI === 'true') {
        throw new Error(`the shared data has no "${name}" (expected at ${path})`);
    }
    return undefined;
}
