import { crc32 } from 'node:zlib';
import type { EltError } from '../core/errors.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import { quoteName } from '../sql/quote.ts';
import { begin, type Database, rollback } from '../sqlite/database.ts';
import { tableExists } from '../sqlite/read-tables.ts';
import { aroundStops } from './around-stops.ts';
import { CANNOT_RUN } from './plan/decide.ts';
import { planTransform, type StoppedFolds } from './plan/plan-transform.ts';
import { runModels } from './transform.ts';

/** A model's table compared with the same table filled from scratch. */
interface VerifiedModel {
    readonly model: string;
    readonly rows: number;
    readonly rowsFromScratch: number;
    readonly isSame: boolean;
}

export interface VerifiedModels {
    readonly models: readonly VerifiedModel[];
    /** Why models stopped: they and what reads them are not compared. */
    readonly stops: readonly EltError[];
}

/**
 * Brings every model up to date, fills all of them from scratch, compares, and rolls back: nothing is published.
 * Finds rows that were edited by hand and rows whose changes were missed.
 */
export function verifyModels(database: Database, files: ProjectFiles): VerifiedModels {
    return aroundStops((stopped) => {
        begin(database);
        try {
            return verifyOthers(database, files, stopped);
        } finally {
            rollback(database);
        }
    });
}

function verifyOthers(database: Database, files: ProjectFiles, stopped: StoppedFolds): VerifiedModels {
    const testless = { ...files, tests: [] };
    const { stops } = runModels(database, testless, { select: [], rebuild: false }, stopped);
    const { planned } = planTransform(database, files, { select: [], rebuild: false }, stopped);
    const models = planned
        .filter((model) => !CANNOT_RUN.has(model.action) && tableExists(database, model.ordered.model))
        .map((model) => model.ordered.model);
    const kept = new Map(models.map((model) => [model, contentOf(database, model)]));
    runModels(database, testless, { select: [], rebuild: true }, stopped);
    const verified = models.map((model) => {
        const before = kept.get(model) ?? { rows: 0, hash: '' };
        const after = contentOf(database, model);
        const isSame = before.rows === after.rows && before.hash === after.hash;
        return { model, rows: before.rows, rowsFromScratch: after.rows, isSame };
    });
    return { models: verified, stops };
}

/** Row count and a hash that does not depend on the order of rows: two sums of CRC-32s of each row's text. */
export function contentOf(database: Database, table: string): { readonly rows: number; readonly hash: string } {
    let rows = 0;
    let first = 0n;
    let second = 0n;
    const columns = (
        database.prepare('select name from pragma_table_info(?) order by name').pluck().all(table) as string[]
    ).map(quoteName);
    const statement = database
        .prepare(`select ${columns.join(', ')} from ${quoteName(table)}`)
        .raw()
        .safeIntegers();
    for (const row of statement.iterate() as IterableIterator<unknown[]>) {
        const text = row
            .map((value) => `${value === null ? 'n' : typeof value === 'string' ? 't' : 'v'}${value}`)
            .join('\u001f');
        rows++;
        first += BigInt(crc32(text));
        second += BigInt(crc32(text, 0x9e3779b9)) * BigInt(crc32(text));
    }
    return { rows, hash: `${BigInt.asUintN(64, first).toString(16)}-${BigInt.asUintN(64, second).toString(16)}` };
}
