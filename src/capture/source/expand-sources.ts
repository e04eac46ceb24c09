import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { EltError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { fileSource, standardInput, unreadable } from './file-source.ts';
import { inOrderOfNumbers } from './name-order.ts';
import type { Source } from './source.ts';

const DEPTH_MAX = 32;

/**
 * The sources that a person named: files, folders (searched recursively, in the order of the names with numbers compared
 * as numbers, without hidden files), `-` for standard input.
 * @throws EltError SOURCE_NOT_FOUND, with the nearest name; SOURCE_UNREADABLE.
 */
export async function expandSources(names: readonly string[]): Promise<Source[]> {
    const sources: Source[] = [];
    for (const name of names) {
        if (name === '-') {
            sources.push(standardInput());
        } else {
            sources.push(...(await sourcesAt(name, 0)));
        }
    }
    if (sources.filter((source) => source.path === null).length > 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'cannot read standard input twice: "-" was given more than once',
            next: 'give "-" once',
        });
    }
    return sources;
}

async function sourcesAt(name: string, depth: number): Promise<Source[]> {
    const path = resolve(name);
    const stats = await statOf(name, path);
    if (!stats.isDirectory()) {
        const seekable = stats.isFile();
        return [fileSource({ name, path, seekable, sizeBytes: seekable ? stats.size : null })];
    }
    const sources: Source[] = [];
    if (depth === DEPTH_MAX) {
        throw unreadable(name, path, new Error(`folders are nested deeper than ${DEPTH_MAX}`));
    }
    for (const entry of await visibleNames(name, path)) {
        sources.push(...(await sourcesAt(join(name, entry), depth + 1)));
    }
    if (sources.length > 0 || depth > 0) {
        return sources;
    }
    throw new EltError({
        code: 'SOURCE_NOT_FOUND',
        message: `cannot read "${name}": the folder contains no files`,
        where: path,
        next: 'name a file, or a folder with files whose names do not begin with a full stop',
    });
}

async function visibleNames(name: string, path: string): Promise<string[]> {
    try {
        const names = await readdir(path);
        const visible = names.filter((entry) => !entry.startsWith('.'));
        return visible.sort(inOrderOfNumbers);
    } catch (error) {
        throw unreadable(name, path, error);
    }
}

async function statOf(name: string, path: string): Promise<Stats> {
    try {
        return await stat(path);
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT' && code !== 'ENOTDIR') {
            throw unreadable(name, path, error);
        }
        const siblings = await readdir(dirname(path)).catch(() => []);
        const nearest = nearestName(basename(path), siblings);
        throw new EltError({
            code: 'SOURCE_NOT_FOUND',
            message: `cannot read "${name}": no such file or folder`,
            where: path,
            found: nearest === undefined ? undefined : `nothing; did you mean "${join(dirname(name), nearest)}"?`,
            next: 'check the name',
            cause: error,
        });
    }
}
