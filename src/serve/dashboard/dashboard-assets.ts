import { readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageFolder } from '../../project/settings.ts';
import type { Asset } from '../http/assets.ts';

const TYPES: Readonly<Record<string, string>> = {
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml',
};

/**
 * The files that the pages load, by their name below `/assets/`: the contents of `dist/browser/`, with the
 * chart library. Nothing is fetched from elsewhere.
 */
export function dashboardAssets(): ReadonlyMap<string, Asset> {
    const folder = pathToFileURL(join(packageFolder(), 'dist', 'browser/'));
    return new Map(
        readdirSync(folder).flatMap((name): [string, Asset][] => {
            const type = TYPES[extname(name)];
            return type === undefined ? [] : [[name, { type, location: new URL(name, folder) }]];
        }),
    );
}
