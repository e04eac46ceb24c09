import { join } from 'node:path';
import { fileError } from '../core/file-error.ts';
import { type CatalogueRelation, readCatalogue } from '../ledger/catalogue.ts';
import { beginLakePush, readLakes, saveLakePush } from '../ledger/lakes.ts';
import { originOf } from '../ledger/pushes.ts';
import { failpoint } from '../process/failpoint.ts';
import { quoteName } from '../sql/quote.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import { ProcessLock, PUSHING_TO_LAKE } from '../sqlite/process-lock.ts';
import type { ChangeFacts } from './change-facts.ts';
import { feedsOf, ownManifest, sourceName } from './lake-source.ts';
import {
    type LakeManifest,
    type LakePart,
    type LakeTable,
    type Misfit,
    type SupersededFile,
    sourceFolder,
    writeManifest,
} from './manifest.ts';
import { planTable, type TableFacts, type TablePlan } from './plan-table.ts';
import { removeUnnamed } from './remove-unnamed.ts';
import { PART_LIMITS, type PartLimits, writeParts } from './write-parts.ts';

export interface LakePush {
    /** The folder, as an absolute path. */
    readonly lake: string;
    readonly pipeline: string;
    /** undefined: as in the last push there, else the name of the database file. */
    readonly source: string | undefined;
    /** Replace the source as a whole, also one that another database has written. */
    readonly isAnew: boolean;
    /** What the project says of a staging table. */
    readonly factsOf: (staging: string) => TableFacts;
    readonly limits?: PartLimits;
    /** Called after each row group; throws to stop. */
    readonly breathe: (staging: string, rows: number) => Promise<void>;
}

export interface LakePushed {
    readonly source: string;
    readonly wholeSeq: number;
    /** The manifest was written. */
    readonly isNew: boolean;
    readonly tables: readonly PushedTable[];
}

interface PushedTable {
    readonly staging: string;
    /** In new parts, those that were written anew included. */
    readonly rows: number;
    readonly parts: number;
    readonly bytes: number;
    /** All parts were replaced. */
    readonly isAnew: boolean;
    /** Columns that have not their declared type because of a value, found in this push. */
    readonly misfits: readonly (Misfit & { readonly column: string })[];
}

/** Parts that are small are put together once there are so many of them at the end. */
const SMALL_PARTS_MAX = 16;

/**
 * Appends what has landed whole to a lake, and replaces the manifest last. A push that dies leaves files that no manifest
 * names, which the next one removes.
 * @throws EltError LAKE_FOREIGN, LAKE_MISSING, LAKE_DAMAGED, DATABASE_LOCKED, FILE_REFUSED
 */
export async function pushLake(database: Database, request: LakePush): Promise<LakePushed> {
    const lock = ProcessLock.take(database, PUSHING_TO_LAKE);
    try {
        return await push(database, request);
    } catch (error) {
        throw fileError(error, request.lake, 'the lake is as it was; pushing again is safe');
    } finally {
        lock.release();
    }
}

async function push(database: Database, request: LakePush): Promise<LakePushed> {
    const { lake, pipeline } = request;
    const row = readLakes(database).find((one) => one.lake === lake);
    const source = sourceName(request.source, row, database.name);
    const writer = inTransaction(database, () => originOf(database));
    const state = { lake, pipeline, source, writer, row, wholeSeq: wholeSeqOf(database), feeds: feedsOf(database) };
    const earlier = ownManifest(state, request.isAnew);
    // What is to be replaced may be another database's: a push that dies in between has not made it ours.
    const known = request.isAnew ? row?.token : earlier?.token;
    const token = inTransaction(database, () => beginLakePush(database, lake, source, known ?? null));
    const written = await inOneState(database, (wholeSeq) =>
        writeTables(database, { ...request, source, token, wholeSeq, earlier }),
    );
    const { tables, wholeSeq } = written;
    const isNew =
        request.isAnew ||
        earlier?.wholeSeq !== wholeSeq ||
        JSON.stringify(earlier.tables) !== JSON.stringify(tables.map((one) => one.table)) ||
        JSON.stringify(earlier.feeds) !== JSON.stringify(state.feeds);
    const at = new Date().toISOString();
    const manifest: LakeManifest = {
        format: 1,
        pipeline,
        source,
        writer,
        token: isNew ? token : (earlier?.token ?? token),
        wholeSeq,
        pushedAt: at,
        feeds: state.feeds,
        tables: tables.map((one) => one.table),
        superseded: superseded(earlier, tables, at),
    };
    if (isNew) {
        failpoint('lake-before-manifest');
        writeManifest(lake, manifest);
        failpoint('lake-after-manifest');
    }
    inTransaction(database, () => saveLakePush(database, lake, manifest.token, wholeSeq, at));
    const hasDied = row !== undefined && row.attempt !== row.token;
    if (isNew || hasDied) {
        removeUnnamed(lake, manifest);
    }
    return { source, wholeSeq, isNew, tables: tables.map(({ pushed }) => pushed) };
}

interface TablesRequest extends LakePush {
    readonly source: string;
    readonly token: string;
    readonly wholeSeq: number;
    readonly earlier: LakeManifest | undefined;
}

interface WrittenTable {
    readonly table: LakeTable;
    readonly pushed: PushedTable;
}

async function writeTables(
    database: Database,
    request: TablesRequest,
): Promise<{ readonly tables: readonly WrittenTable[]; readonly wholeSeq: number }> {
    const tables: WrittenTable[] = [];
    for (const relation of readCatalogue(database)) {
        // A table that has landed in an open transaction only is not there yet.
        if (relation.firstSeq <= request.wholeSeq) {
            tables.push(await writeTable(database, relation, request));
        }
    }
    return { tables, wholeSeq: request.wholeSeq };
}

async function writeTable(
    database: Database,
    relation: CatalogueRelation,
    { lake, pipeline, source, token, wholeSeq, earlier, isAnew, limits = PART_LIMITS, factsOf, breathe }: TablesRequest,
): Promise<WrittenTable> {
    const staging = relation.stagingTable;
    const known = earlier?.tables.find((table) => table.staging === staging);
    const misfits = new Map<string, Misfit>();
    // Each round finds the misfits of all rows; in the next one their columns have a type that holds every value.
    while (true) {
        const plan = planTable(relation, known, factsOf(staging), misfits, {
            mustBeAnew: isAnew,
            carriesOldKeys: () => carriesOldKeys(database, staging, earlier?.wholeSeq ?? 0),
        });
        const kept = plan.isAnew ? [] : withoutSmallEnd(known?.parts ?? [], limits);
        const written = await writeParts(database, {
            table: plan.table,
            folder: join(sourceFolder(lake, pipeline, source), staging),
            after: kept.at(-1)?.lastSeq ?? 0,
            upTo: wholeSeq,
            token,
            limits,
            breathe: (rows) => breathe(staging, rows),
        });
        if ('misfits' in written) {
            for (const [column, misfit] of written.misfits) {
                misfits.set(column, misfit);
            }
            continue;
        }
        return tableOf(plan, known, kept, written, misfits);
    }
}

function carriesOldKeys(database: Database, staging: string, upTo: number): boolean {
    const sql = `select 1 from ${quoteName(staging)} where _old_key is not null and _seq <= ? limit 1`;
    return database.prepare(sql).get(upTo) !== undefined;
}

function tableOf(
    { table, isAnew }: TablePlan,
    known: LakeTable | undefined,
    kept: readonly LakePart[],
    { parts, facts }: { readonly parts: readonly LakePart[]; readonly facts: ChangeFacts },
    misfits: ReadonlyMap<string, Misfit>,
): WrittenTable {
    const sum = (of: (part: LakePart) => number): number => parts.reduce((total, part) => total + of(part), 0);
    return {
        table: { ...table, parts: [...kept, ...parts], ...facts.since(kept.length === 0 ? undefined : known) },
        pushed: {
            staging: table.staging,
            rows: sum(({ rows }) => rows),
            parts: parts.length,
            bytes: sum(({ bytes }) => bytes),
            isAnew: isAnew && parts.length > 0,
            misfits: [...misfits].map(([column, misfit]) => ({ column, ...misfit })),
        },
    };
}

/** The parts that stay: small ones at the end are written again as one, with the news, before they are too many. */
function withoutSmallEnd(parts: readonly LakePart[], { groupRowsMax }: PartLimits): readonly LakePart[] {
    const large = parts.findLastIndex(({ rows }) => rows >= groupRowsMax) + 1;
    return parts.length - large < SMALL_PARTS_MAX ? parts : parts.slice(0, large);
}

/** What this manifest does not name any more, and what queries may still read since an earlier one. */
function superseded(
    earlier: LakeManifest | undefined,
    tables: readonly WrittenTable[],
    at: string,
): readonly SupersededFile[] {
    const named = new Set(tables.flatMap(({ table }) => filesOf(table)));
    const gone = (earlier?.tables ?? []).flatMap(filesOf).filter((file) => !named.has(file));
    return [...(earlier?.superseded ?? []), ...gone.map((file) => ({ file, at }))];
}

function filesOf({ staging, parts }: LakeTable): readonly string[] {
    return parts.map(({ file }) => `${staging}/${file}`);
}

function wholeSeqOf(database: Database): number {
    return database.prepare('select whole_seq from elt_stream').pluck().get() as number;
}

/** Reads in one transaction, beside which others write. */
async function inOneState<T>(database: Database, work: (wholeSeq: number) => Promise<T>): Promise<T> {
    database.exec('begin');
    try {
        return await work(wholeSeqOf(database));
    } finally {
        database.exec('rollback');
    }
}
