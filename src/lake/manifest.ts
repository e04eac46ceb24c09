import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import type { SqliteType } from '../core/storage-types.ts';
import type { LakeType } from './lake-type.ts';
import { replaceFile } from './replace-file.ts';

/**
 * What a source has in a lake: `DIR/<pipeline>/sources/<source>/manifest.json`, beside a folder of parts for each staging
 * table. It is written last and replaced as a whole, so a part that it does not name is not there: a push that died has
 * left nothing that is read. Numbers of `_seq` order the changes of one source, and mean nothing in another.
 */
export interface LakeManifest {
    readonly format: typeof FORMAT;
    readonly pipeline: string;
    readonly source: string;
    /** The database that writes this source: `elt_push_origin.origin` of its file. */
    readonly writer: string;
    /** The name of the push that wrote this manifest, which the database keeps too (`elt_lakes`). */
    readonly token: string;
    /** Every source transaction up to here is in the parts as a whole. */
    readonly wholeSeq: number;
    readonly pushedAt: string;
    /** The servers and topics that the database follows: two databases that follow the same land the same rows. */
    readonly feeds: readonly string[];
    readonly tables: readonly LakeTable[];
    /** Files that newer ones have replaced, paths below the folder of the source: a query may be reading them still. */
    readonly superseded: readonly SupersededFile[];
}

/** A staging table. All parts have the same types; a part from before a column was added lacks it, and it is null there. */
export interface LakeTable {
    /** `stg_transaction`: the folder of its parts. */
    readonly staging: string;
    readonly schema: string;
    readonly table: string;
    /** Raised when all parts are written anew: a column is read with another type, or a key or JSON path was added. */
    readonly revision: number;
    /** The key of the current table, as its file says; else the one by which the stream names rows; empty: none. */
    readonly key: readonly string[];
    /** The keys by which it has named them, with the `_seq` from which on; more than one: the key has changed. */
    readonly keys: readonly { readonly seq: number; readonly key: readonly string[] }[];
    /** The source's columns, in the order of the staging table. */
    readonly columns: readonly LakeColumn[];
    /** `_old_<column>`: what a column of a key was before the change; null unless `_has_old_key`. */
    readonly oldKey: readonly LakeOldKeyColumn[];
    /** Values out of JSON documents, read by SQLite. */
    readonly json: readonly LakeJsonColumn[];
    readonly parts: readonly LakePart[];
    /** The last change of its kind, by `_seq`; null if there is none. */
    readonly lastTruncate: number | null;
    /** A change whose row had another key before. */
    readonly lastMove: number | null;
    /** A change that leaves columns out. */
    readonly lastPatch: number | null;
    /** A change of the key that leaves columns out: the row must be followed to what it was before. */
    readonly lastDraggingMove: number | null;
    /** A delete with an old key: staging names a deleted row by its key columns, so there is none (see the tests). */
    readonly lastOldKeyDelete: number | null;
}

export interface LakeColumn {
    readonly name: string;
    /** PostgreSQL's name of the column. */
    readonly sourceName: string;
    /** PostgreSQL's type; null if the stream has no types. */
    readonly pgType: string | null;
    /** How the staging table declares it. */
    readonly sqliteType: SqliteType;
    readonly type: LakeType;
    /** The declared type that it would have, but for the value that was the first not to fit; null: all fit. */
    readonly misfit: Misfit | null;
}

export interface Misfit {
    readonly type: LakeType;
    readonly seq: number;
    /** The value, shortened. */
    readonly value: string;
}

export interface LakeOldKeyColumn {
    /** `_old_id`. */
    readonly name: string;
    /** The column of the table that it belongs to, whose type it has. */
    readonly column: string;
}

export interface LakeJsonColumn {
    /** `_json_error_details_reason`. */
    readonly name: string;
    /** The column with the document; where that is absent, so is this. */
    readonly column: string;
    /** As the SELECT has it: `$.customer.id`. */
    readonly path: string;
    /** What it is: the text that `json_text(column, path)` gives. */
    readonly read: 'json_text';
}

export interface LakePart {
    /** Its name in the folder of the staging table. */
    readonly file: string;
    readonly firstSeq: number;
    readonly lastSeq: number;
    readonly rows: number;
    readonly bytes: number;
    readonly sha256: string;
}

export interface SupersededFile {
    readonly file: string;
    readonly at: string;
}

const FORMAT = 1;

/** The columns of every part before those of the source: a name and a type each. */
export const PART_BOOKKEEPING = [
    ['_seq', 'integer'],
    ['_op', 'text'],
    ['_lsn', 'text'],
    ['_xid', 'text'],
    ['_committed_at', 'text'],
    ['_absent', 'text'],
    ['_has_old_key', 'boolean'],
] as const satisfies readonly (readonly [string, LakeType])[];

/** `DIR/<pipeline>`. */
export function lakeFolder(lake: string, pipeline: string): string {
    return join(lake, pipeline);
}

/** `DIR/<pipeline>/sources/<source>`. */
export function sourceFolder(lake: string, pipeline: string, source: string): string {
    return join(lakeFolder(lake, pipeline), 'sources', source);
}

/** Where a part lies, relative to the folder of the lake: with slashes, as an address has them. */
export function partPath(manifest: LakeManifest, table: LakeTable, part: LakePart): string {
    return [manifest.pipeline, 'sources', manifest.source, table.staging, part.file].join('/');
}

/**
 * The manifests of all sources of a pipeline, by name.
 * @throws EltError LAKE_MISSING if there is none; LAKE_DAMAGED
 */
export function readManifests(lake: string, pipeline: string): readonly LakeManifest[] {
    const folder = join(lakeFolder(lake, pipeline), 'sources');
    const names = existsSync(folder) ? readdirSync(folder).sort() : [];
    const manifests = names.flatMap((source) => readManifest(lake, pipeline, source) ?? []);
    if (manifests.length === 0) {
        throw new EltError({
            code: 'LAKE_MISSING',
            message: `"${lake}" is not a lake of the pipeline "${pipeline}"`,
            found: `no ${join(pipeline, 'sources', '<source>', MANIFEST)} in it`,
            next: `push one there with "elt lake push --to ${lake}", or name another folder`,
        });
    }
    return manifests;
}

/**
 * The manifest of one source; undefined if it was never pushed.
 * @throws EltError LAKE_DAMAGED
 */
export function readManifest(lake: string, pipeline: string, source: string): LakeManifest | undefined {
    const file = manifestFile(lake, pipeline, source);
    if (!existsSync(file)) {
        return undefined;
    }
    const parsed = parse(file);
    const format = (parsed as { readonly format?: unknown } | null)?.format;
    if (format !== FORMAT) {
        throw damaged(file, `format ${String(format)}; this elt reads format ${FORMAT}`);
    }
    return parsed as LakeManifest;
}

/** Replaces the manifest: readers see the one before or this one. */
export function writeManifest(lake: string, manifest: LakeManifest): void {
    const file = manifestFile(lake, manifest.pipeline, manifest.source);
    replaceFile(file, `${JSON.stringify(manifest, null, 1)}\n`);
}

const MANIFEST = 'manifest.json';

function manifestFile(lake: string, pipeline: string, source: string): string {
    return join(sourceFolder(lake, pipeline, source), MANIFEST);
}

function parse(file: string): unknown {
    try {
        return JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
        if (error instanceof SyntaxError) {
            throw damaged(file, 'a text that is not JSON', error);
        }
        throw error;
    }
}

function damaged(file: string, found: string, cause?: unknown): EltError {
    return new EltError({
        code: 'LAKE_DAMAGED',
        message: `"${file}" is not the manifest of a lake`,
        found,
        state: 'nothing was changed',
        next: 'restore that file, or use the elt that wrote it',
        cause,
    });
}
