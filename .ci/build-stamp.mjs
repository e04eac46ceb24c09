// What dist/ was built from, as one hash: the set-up builds only when it differs.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 over the names and bytes of everything that the build reads. */
export function sourceHash() {
    const hash = createHash('sha256');
    const files = readdirSync('src', { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
        .concat('.ci/browser.mjs', '.ci/bundle.mjs', '.ci/mark-built.mjs', 'tsconfig.json', 'package.json')
        .sort();
    for (const file of files) {
        hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
    }
    return hash.digest('hex');
}

/** The hash written in a stamp file, or undefined. */
export function stampOf(file) {
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
