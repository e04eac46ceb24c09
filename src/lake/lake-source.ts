import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { EltError } from '../core/errors.ts';
import type { LakeRow } from '../ledger/lakes.ts';
import { readSource } from '../ledger/sources.ts';
import { readCluster, readTopicPartitions } from '../ledger/topics.ts';
import type { Database } from '../sqlite/database.ts';
import { type LakeManifest, lakeFolder, readManifest } from './manifest.ts';

/** Who pushes, and what the lake says of it. */
interface Pushing {
    readonly lake: string;
    readonly pipeline: string;
    readonly source: string;
    /** The identifier of the database. */
    readonly writer: string;
    /** What the database knows of the lake; undefined before the first push. */
    readonly row: LakeRow | undefined;
    readonly wholeSeq: number;
    readonly feeds: readonly string[];
}

/** What a source is called unless a person says: as in the last push there, else like the database file. */
export function sourceName(given: string | undefined, row: LakeRow | undefined, file: string): string {
    const name = given ?? row?.source ?? basename(file, extname(file));
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${name}" is not a valid name for a source of a lake`,
            found: 'expected letters, digits, "_", "-" and ".": it is the name of a folder',
            next: 'name the source with --source',
        });
    }
    return name;
}

/**
 * The manifest that this database wrote last; undefined before its first push. `isAnew`: whatever is there is replaced.
 * @throws EltError LAKE_FOREIGN where another database, a copy of this one or another state of it has written the source,
 *   or where another source of the lake has the same rows; LAKE_MISSING where what was pushed is gone.
 */
export function ownManifest(pushing: Pushing, isAnew: boolean): LakeManifest | undefined {
    const { lake, pipeline, source, row, writer, wholeSeq } = pushing;
    refuseSameRows(pushing);
    const manifest = readManifest(lake, pipeline, source);
    if (isAnew) {
        return manifest;
    }
    if (manifest === undefined) {
        refuseGone(pushing);
        return undefined;
    }
    if (manifest.writer !== writer) {
        throw foreign(pushing, 'another database writes it', 'name another source with --source');
    }
    const isOurs = row !== undefined && (manifest.token === row.token || manifest.token === row.attempt);
    if (!isOurs || manifest.wholeSeq > wholeSeq) {
        throw foreign(
            pushing,
            'a copy of this file has pushed since, or this file is a backup that was restored',
            'push with the other file; or, if this one is to continue, write the source anew with --anew',
        );
    }
    return manifest;
}

/** The tables of servers and the partitions of topics that a database takes in. */
export function feedsOf(database: Database): readonly string[] {
    const source = readSource(database);
    const tables = database
        .prepare('select schema_name, table_name from elt_source_tables where source_id = ?')
        .raw()
        .all(source?.source_id ?? null) as [string, string][];
    const cluster = readCluster(database);
    return [
        ...tables.map(([schema, table]) => `postgres:${source?.system_id}/${source?.database_oid}/${schema}.${table}`),
        ...readTopicPartitions(database).map(
            ({ topic, partition }) => `kafka:${cluster?.cluster_id}/${topic}/${partition}`,
        ),
    ].sort();
}

/** One row must come into a lake on one way only. */
function refuseSameRows(pushing: Pushing): void {
    const { lake, pipeline, source, writer, feeds } = pushing;
    const folder = join(lakeFolder(lake, pipeline), 'sources');
    const others = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name !== source);
    for (const name of others) {
        const other = readManifest(lake, pipeline, name);
        const feed = other?.feeds.find((one) => feeds.includes(one));
        if (other?.writer === writer) {
            throw foreign(pushing, `this database writes it as "${name}"`, `push with --source ${name}`);
        }
        if (feed !== undefined) {
            const next = 'let one database follow it, or push into another folder';
            throw foreign(pushing, `the source "${name}" takes in ${feed} already`, next);
        }
    }
}

/** An object store that is not mounted looks like an empty folder. */
function refuseGone({ lake, source, row }: Pushing): void {
    if (row?.token != null && row.source === source) {
        throw new EltError({
            code: 'LAKE_MISSING',
            message: `"${lake}" does not hold the source "${source}" any more`,
            found: `nothing; it was pushed there up to _seq ${row.whole_seq}, at ${row.pushed_at}`,
            state: 'nothing was written',
            next: 'mount or restore that folder; or, if it was removed on purpose, push with --anew',
        });
    }
}

function foreign({ lake, source }: Pushing, found: string, next: string): EltError {
    return new EltError({
        code: 'LAKE_FOREIGN',
        message: `the source "${source}" of "${lake}" cannot be pushed from this database`,
        found,
        state: 'the lake was not changed',
        next,
    });
}
