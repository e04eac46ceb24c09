import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, sep } from 'node:path';
import { EltError } from '../core/errors.ts';

/**
 * A project may come from somebody else, and its files are read, quoted in errors and written by commands: a symbolic
 * link in it reaches nothing outside of it.
 */

/**
 * A text file below `root`, line ends as LF: a checkout on another system may have others.
 * @throws EltError PROJECT_LINK
 */
export function textWithin(root: string, path: string): string {
    refuseLinkOut(root, path);
    return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}

/** @throws EltError PROJECT_LINK if `path`, or the part of it that exists, is not below `root` where its links lead. */
export function refuseLinkOut(root: string, path: string): void {
    let existing = path;
    while (!isThere(existing) && dirname(existing) !== existing) {
        existing = dirname(existing);
    }
    const inside = realPath(root);
    const found = realPath(existing);
    // A project that is still to be created has no link in it.
    const isAbove = inside === undefined || found === inside;
    if (isAbove || found?.startsWith(inside.endsWith(sep) ? inside : inside + sep)) {
        return;
    }
    throw new EltError({
        code: 'PROJECT_LINK',
        message: `"${path}" is not in the project: a symbolic link leads out of it`,
        where: existing,
        found: found === undefined ? 'a link to nothing' : `a link to ${found}; expected a file below ${inside}`,
        state: 'nothing was changed',
        next: 'put the file itself there, or move the link to where the project is as a whole',
    });
}

/** A link to nothing is there. Below a file, or in a folder that may not be looked at, nothing is. */
function isThere(path: string): boolean {
    try {
        return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    } catch {
        return false;
    }
}

function realPath(path: string): string | undefined {
    try {
        return realpathSync.native(path);
    } catch {
        return undefined;
    }
}
