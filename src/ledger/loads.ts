import { lsnText } from '../core/lsn.ts';
import { countChange } from '../sqlite/change-count.ts';
import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';
import { insertRow, saveRow, updateRows } from './write-row.ts';

/** A row of `elt_loads`; the migration that creates the table explains each column. */
export interface LoadRow {
    readonly load_id: number;
    readonly source: string;
    readonly path: string | null;
    readonly state: 'loading' | 'loaded';
    readonly continues: number | null;
    readonly head_bytes: number;
    readonly head_sha256: string;
    readonly start_byte: number;
    readonly end_byte: number;
    readonly sha256: string;
    readonly frame_state: string;
    readonly unended: string | null;
    readonly open_position: string | null;
    readonly records: number;
    readonly changes: number;
    readonly messages: number;
    readonly rejected: number;
    readonly repeated: number;
    readonly first_seq: number | null;
    readonly last_seq: number | null;
    readonly started_at: string;
    readonly finished_at: string | null;
}

/** The facts with which a load begins. */
export type NewLoad = Pick<
    LoadRow,
    'source' | 'path' | 'continues' | 'head_bytes' | 'head_sha256' | 'start_byte' | 'sha256' | 'frame_state'
>;

/** The load of what has no bytes to continue from: a server's stream or table, a topic, a message of one. */
export function newByteless(source: string, kind: 'slot' | 'snapshot' | 'topic'): NewLoad {
    return {
        source,
        path: null,
        continues: null,
        head_bytes: 0,
        head_sha256: '',
        start_byte: 0,
        sha256: '',
        frame_state: JSON.stringify({ kind }),
    };
}

/** The progress of a load, written in the transaction that stores its rows. */
type LoadProgress = Pick<
    LoadRow,
    | 'state'
    | 'end_byte'
    | 'sha256'
    | 'frame_state'
    | 'unended'
    | 'open_position'
    | 'records'
    | 'changes'
    | 'messages'
    | 'rejected'
    | 'repeated'
    | 'first_seq'
    | 'last_seq'
>;

/** The different lengths of heads in the ledger; a source's head is hashed at each. */
export function headLengths(database: Database): readonly number[] {
    return database.prepare('select distinct head_bytes from elt_loads order by head_bytes').pluck().all() as number[];
}

export function loadsWithHead(database: Database, sha256: string): readonly LoadRow[] {
    return database.prepare('select * from elt_loads where head_sha256 = ? order by load_id').all(sha256) as LoadRow[];
}

export function loadsOfPath(database: Database, path: string): readonly LoadRow[] {
    return database.prepare('select * from elt_loads where path = ? order by load_id').all(path) as LoadRow[];
}

export function readLoad(database: Database, loadId: number): LoadRow {
    return database.prepare('select * from elt_loads where load_id = ?').get(loadId) as LoadRow;
}

export function isAnyLanded(database: Database): boolean {
    return prepared(database, 'select 1 from elt_loads').get() !== undefined;
}

export function insertLoad(database: Database, load: NewLoad): number {
    const counts = { records: 0, changes: 0, messages: 0, rejected: 0, repeated: 0 };
    const begun = { state: 'loading', end_byte: load.start_byte, started_at: new Date().toISOString() };
    return insertRow(database, 'elt_loads', { ...load, ...begun, ...counts });
}

export function saveProgress(database: Database, loadId: number, progress: LoadProgress): void {
    const finished_at = progress.state === 'loaded' ? new Date().toISOString() : null;
    updateRows(database, 'elt_loads', { ...progress, finished_at }, { load_id: loadId });
}

/** The stream as far as it has landed: the row of `elt_stream`. */
export interface StreamState {
    readonly last_seq: number;
    readonly whole_seq: number;
    readonly open_xid: string | null;
    readonly open_position: string | null;
    readonly open_committed_at: string | null;
    readonly open_changes: number | null;
    readonly open_seen: number | null;
    readonly open_repeated: number | null;
    /** 1 while a server's tables are being copied. */
    readonly held: number;
}

/** The head of a load that has not come as far as its head was hashed: what is there now may be written anew. */
export function shortenHead(database: Database, loadId: number, bytes: number, sha256: string): void {
    database
        .prepare('update elt_loads set head_bytes = ?, head_sha256 = ? where load_id = ? and head_bytes > ?')
        .run(bytes, sha256, loadId, bytes);
}

export function readStream(database: Database): StreamState {
    return prepared(
        database,
        `select last_seq, whole_seq, open_xid, open_position, open_committed_at, open_changes, open_seen,
            open_repeated, held
        from elt_stream`,
    ).get() as StreamState;
}

/** All but `held`, which is not a load's to change. */
export function saveStream(database: Database, { held: _, ...stream }: StreamState): void {
    updateRows(database, 'elt_stream', stream, {});
}

/** From now on models read no further: the tables of a server are copied, and none of them is to be seen alone. */
export function holdStream(database: Database): void {
    updateRows(database, 'elt_stream', { held: 1 }, {});
}

/** The copy is whole: models may read all of it. */
export function releaseStream(database: Database): void {
    database
        .prepare(
            `update elt_stream
            set held = 0, whole_seq = case when open_changes is null then last_seq else whole_seq end`,
        )
        .run();
}

/** What a load has staged so far, by staging table. */
export function readStaged(database: Database, loadId: number): Map<string, { rows: number; checksum: number }> {
    const rows = database
        .prepare('select staging_table, staged_rows, checksum from elt_load_tables where load_id = ?')
        .all(loadId) as { staging_table: string; staged_rows: number; checksum: number }[];
    return new Map(rows.map((row) => [row.staging_table, { rows: row.staged_rows, checksum: row.checksum }]));
}

export function saveStaged(
    database: Database,
    loadId: number,
    staged: ReadonlyMap<string, { readonly rows: number; readonly checksum: number }>,
): void {
    for (const [table, { rows, checksum }] of staged) {
        const row = { load_id: loadId, staging_table: table, staged_rows: rows, checksum };
        saveRow(database, 'elt_load_tables', ['load_id', 'staging_table'], row);
    }
}

/** The load before this one ended inside a transaction, whose end is there now: its source need never be read again. */
export function forgetOpenEnd(database: Database, loadId: number): void {
    countChange(database);
    database
        .prepare(
            `update elt_loads set open_position = null
            where load_id = (
                select max(load_id) from elt_loads where open_position is not null and load_id < ?
            )`,
        )
        .run(loadId);
}

/** How far the database is: what `--json` tells of it. */
export interface LastPosition {
    /** The last `_seq` of staging, and the last that models read. */
    readonly seq: number;
    readonly wholeSeq: number;
    /** The newest position of the source's log that has landed; null: its transactions carry none. */
    readonly lsn: string | null;
}

export function lastPosition(database: Database): LastPosition {
    const { last_seq: seq, whole_seq: wholeSeq } = readStream(database);
    const newest = prepared(database, 'select max(position) from elt_transactions').pluck().safeIntegers().get();
    return { seq, wholeSeq, lsn: newest === null ? null : lsnText(newest as bigint) };
}
