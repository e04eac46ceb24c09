import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { join } from 'node:path';

/**
 * Texts that take long to work out, kept for later processes in the folder in which Node keeps what it has compiled
 * (`NODE_COMPILE_CACHE`, else one of the user's among the temporary files): code that lies there is run, so what lies
 * beside it needs no more trust. A process that keeps no compiled code keeps no texts either.
 *
 * Invariant: a text is what `work` gives for its key, or it is not there. It has one of 256 places, where the next one
 * replaces it, so the folder does not grow. A crash leaves a whole text or none; a damaged one is not found.
 */
const FOLDER = 'elt-texts';

/** `build` says which code would work it out; null: code that may change at any time, and nothing is kept. */
const build = typeof ELT_BUILD === 'string' ? ELT_BUILD : null;

/** Set where the code is bundled. */
declare const ELT_BUILD: string | undefined;

/** The text for everything it depends on: what was kept, else what `work` gives. */
export function keptText(dependsOn: readonly unknown[], work: () => string, folder = keptFolder()): string {
    if (folder === undefined) {
        return work();
    }
    const key = hashOf(JSON.stringify([build, dependsOn]));
    const file = join(folder, key.slice(0, 2));
    const found = read(file, key);
    if (found !== undefined) {
        return found;
    }
    const text = work();
    write(folder, file, `${headOf(key, text)}${text}`);
    return text;
}

function keptFolder(): string | undefined {
    const compiled = build === null ? undefined : getCompileCacheDir();
    return compiled === undefined ? undefined : join(compiled, FOLDER);
}

function read(file: string, key: string): string | undefined {
    try {
        const content = readFileSync(file, 'utf8');
        const text = content.slice(headOf(key, '').length);
        return content.startsWith(headOf(key, text)) ? text : undefined;
    } catch {
        return undefined;
    }
}

/** Where the folder cannot be written, nothing is kept. */
function write(folder: string, file: string, content: string): void {
    try {
        mkdirSync(folder, { recursive: true });
        const part = `${file}-${randomUUID()}`;
        writeFileSync(part, content);
        renameSync(part, file);
    } catch {
        // It is worked out again.
    }
}

function headOf(key: string, text: string): string {
    return `${key} ${hashOf(text)}\n`;
}

function hashOf(text: string): string {
    return createHash('sha256').update(text).digest('hex');
}
