import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LakeManifest, partPath, readManifests } from './manifest.ts';
import { unnamedFiles } from './remove-unnamed.ts';

export interface LakeCheck {
    readonly files: number;
    readonly bytes: number;
    /** What is wrong with files that manifests name. */
    readonly damaged: readonly LakeDamage[];
    /** Files that no manifest names; the next push removes them. */
    readonly unnamed: readonly string[];
}

export interface LakeDamage {
    /** Below the folder of the lake. */
    readonly file: string;
    readonly found: string;
}

/** Reads every part again and compares it with what its manifest says. */
export async function checkLake(
    lake: string,
    pipeline: string,
    breathe: (file: string) => Promise<void>,
): Promise<LakeCheck> {
    const manifests = readManifests(lake, pipeline);
    const damaged: LakeDamage[] = [];
    let files = 0;
    let bytes = 0;
    for (const manifest of manifests) {
        damaged.push(...seqDamage(manifest));
        for (const table of manifest.tables) {
            for (const part of table.parts) {
                const file = partPath(manifest, table, part);
                await breathe(file);
                const found = await partDamage(join(lake, file), part.bytes, part.sha256);
                files++;
                bytes += part.bytes;
                if (found !== undefined) {
                    damaged.push({ file, found });
                }
            }
        }
    }
    const unnamed = manifests.flatMap((manifest) =>
        unnamedFiles(lake, manifest).map((file) => `${pipeline}/sources/${manifest.source}/${file}`),
    );
    return { files, bytes, damaged, unnamed };
}

async function partDamage(path: string, bytes: number, sha256: string): Promise<string | undefined> {
    if (!existsSync(path)) {
        return 'it is not there';
    }
    const { size } = statSync(path);
    if (size !== bytes) {
        return `${size} bytes; expected ${bytes}`;
    }
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
        hash.update(chunk as Buffer);
    }
    return hash.digest('hex') === sha256 ? undefined : 'other bytes than were written: its SHA-256 differs';
}

/** No change is in two parts, and none is beyond what has landed whole. */
function seqDamage({ pipeline, source, tables, wholeSeq }: LakeManifest): LakeDamage[] {
    return tables.flatMap(({ staging, parts }) =>
        parts.flatMap(({ file, firstSeq, lastSeq }, index) => {
            const before = index === 0 ? 0 : (parts[index - 1]?.lastSeq ?? 0);
            const isRight = firstSeq > before && lastSeq >= firstSeq && lastSeq <= wholeSeq;
            const found = `its manifest says _seq ${firstSeq} to ${lastSeq}, after ${before} and up to ${wholeSeq}`;
            return isRight ? [] : [{ file: `${pipeline}/sources/${source}/${staging}/${file}`, found }];
        }),
    );
}
