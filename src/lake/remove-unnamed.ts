import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type LakeManifest, sourceFolder, writeManifest } from './manifest.ts';

/** How long a file stays that newer ones have replaced: a query that began before may be reading it. */
const KEPT_MS = 24 * 3_600_000;

/**
 * Removes what the manifest does not name: files of pushes that died, and those that were replaced long ago. Only the
 * process that pushes may do so, after its own manifest is there.
 */
export function removeUnnamed(lake: string, manifest: LakeManifest, now = Date.now()): void {
    const folder = sourceFolder(lake, manifest.pipeline, manifest.source);
    const kept = manifest.superseded.filter(({ at }) => now - Date.parse(at) < KEPT_MS);
    if (kept.length < manifest.superseded.length) {
        writeManifest(lake, { ...manifest, superseded: kept });
    }
    for (const file of unnamedFiles(lake, { ...manifest, superseded: kept })) {
        rmSync(join(folder, file), { force: true });
    }
}

/** Files in the folder of a source that its manifest does not name, as paths below it. */
export function unnamedFiles(lake: string, { pipeline, source, tables, superseded }: LakeManifest): readonly string[] {
    const folder = sourceFolder(lake, pipeline, source);
    const named = new Set([
        'manifest.json',
        ...superseded.map(({ file }) => file),
        ...tables.flatMap(({ staging, parts }) => parts.map(({ file }) => `${staging}/${file}`)),
    ]);
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    const files = entries.flatMap((entry) =>
        entry.isDirectory()
            ? readdirSync(join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
            : [entry.name],
    );
    return files.filter((file) => !named.has(file));
}
