import { randomUUID } from 'node:crypto';
import type { Database } from '../sqlite/database.ts';
import { saveRow, updateRows } from './write-row.ts';

/** A row of `elt_lakes`; the migration that creates the table explains each column. */
export interface LakeRow {
    readonly lake: string;
    readonly source: string;
    readonly attempt: string;
    readonly token: string | null;
    readonly whole_seq: number | null;
    readonly pushed_at: string | null;
}

/** A row of `elt_pulls`. */
export interface PullRow {
    readonly mart: string;
    readonly lake: string;
    readonly run: string;
    readonly whole_seq: string;
    readonly rows: number;
    readonly pulled_at: string;
}

/** Whether the database has these tables: one that an older `elt` has migrated has none until the next `elt migrate`. */
export function hasLakes(database: Database): boolean {
    return database.prepare("select 1 from sqlite_schema where name = 'elt_lakes'").get() !== undefined;
}

export function readLakes(database: Database): readonly LakeRow[] {
    return database.prepare('select * from elt_lakes order by lake').all() as LakeRow[];
}

/**
 * Names a push before it writes anything; returns its name. `token`: the one that the manifest holds, which may be that of
 * a push that died before it was stored here. The caller holds a write transaction.
 */
export function beginLakePush(database: Database, lake: string, source: string, token: string | null): string {
    const attempt = randomUUID();
    saveRow(database, 'elt_lakes', ['lake'], { lake, source, attempt, token });
    return attempt;
}

/** Stores what a lake has taken in. The caller holds a write transaction. */
export function saveLakePush(database: Database, lake: string, token: string, wholeSeq: number, at: string): void {
    updateRows(database, 'elt_lakes', { token, attempt: token, whole_seq: wholeSeq, pushed_at: at }, { lake });
}

export function readPulls(database: Database): readonly PullRow[] {
    return database.prepare('select * from elt_pulls order by mart').all() as PullRow[];
}

export function savePull(database: Database, row: PullRow): void {
    saveRow(database, 'elt_pulls', ['mart'], { ...row });
}
