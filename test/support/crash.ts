import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyStaging } from '../../src/load/verify-staging.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { rowsOf, tablesText } from './bench-database.ts';
import { elt, startElt } from './elt.ts';

/** How long a command takes when nobody disturbs it. */
export interface Lasting {
    ms: number;
}

/**
 * Starts `elt …` and kills it, with a signal that cannot be caught, when `part` of its time has passed; false: it had
 * ended by then. That teaches how long it lasts now: other work on the machine may have made the measured run slow.
 */
export async function killedAt(
    part: number,
    lasting: Lasting,
    words: readonly string[],
    cwd: string,
): Promise<boolean> {
    const began = performance.now();
    const child = startElt(words, { cwd });
    child.stdout?.resume();
    child.stderr?.resume();
    const closed = once(child, 'close');
    await Promise.race([sleep(part * lasting.ms), closed]);
    child.kill('SIGKILL');
    const [, signal] = (await closed) as [number | null, NodeJS.Signals | null];
    if (signal !== 'SIGKILL') {
        lasting.ms = Math.min(lasting.ms, performance.now() - began);
    }
    return signal === 'SIGKILL';
}

/** What must hold of a file after a crash, before anything is run again. */
export function faultsAfterCrash(file: string): readonly unknown[] {
    const database = openDatabase(file);
    try {
        const integrity = database.pragma('integrity_check', { simple: true });
        if (database.prepare("select 1 from sqlite_schema where name = 'elt_stream'").get() === undefined) {
            return integrity === 'ok' ? [] : [integrity];
        }
        const uncounted = database
            .prepare(
                `select load_id from elt_loads
                where changes <> (
                    select coalesce(sum(staged_rows), 0) from elt_load_tables as staged
                    where staged.load_id = elt_loads.load_id
                )`,
            )
            .all();
        return [
            ...(integrity === 'ok' ? [] : [integrity]),
            ...verifyStaging(database),
            ...uncounted,
            ...wrongMart(database),
        ];
    } finally {
        closeDatabase(database);
    }
}

/** Rows in which the mart differs from its definition, where both are there. */
function wrongMart(database: Database): readonly unknown[] {
    if (database.prepare("select 1 from sqlite_schema where name = 'metrics_now'").get() === undefined) {
        return [];
    }
    const difference = (one: string, other: string): unknown[] =>
        database.prepare(`select * from ${one} except select * from ${other}`).all();
    return [...difference('metrics', 'metrics_now'), ...difference('metrics_now', 'metrics')];
}

/** Whether a file is there and has its control tables. */
export function isMigrated(file: string): boolean {
    if (!existsSync(file)) {
        return false;
    }
    const database = openDatabase(file, { readonly: true });
    try {
        return database.prepare("select 1 from sqlite_schema where name = 'elt_stream'").get() !== undefined;
    } finally {
        closeDatabase(database);
    }
}

/** Everything that two files that went the same way must have in common. */
export function finalContent(file: string): unknown {
    const database = openDatabase(file, { readonly: true });
    try {
        const loads = rowsOf(
            database,
            'select state, end_byte, sha256, records, changes, rejected, first_seq, last_seq from elt_loads order by load_id',
        );
        const models = rowsOf(database, 'select model, watermark from elt_watermarks order by model');
        const tables = tablesText(database, [
            'stg_',
            'current_',
            'metrics',
            'elt_load_tables',
            'elt_stream',
            'elt_columns',
        ]);
        const { metrics_dirty: _, ...kept } = tables;
        return { ...kept, loads, models };
    } finally {
        closeDatabase(database);
    }
}

/** `elt verify` of a file: its exit status and words. */
export async function verified(file: string, cwd: string): Promise<readonly [number | null, string]> {
    const ran = await elt(['verify', '--db', file], { cwd });
    return [ran.status, ran.stderr];
}
