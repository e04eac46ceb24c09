import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteName } from '../../src/sql/quote.ts';
import { closeDatabase, type Database, openDatabase } from '../../src/sqlite/database.ts';
import { elt, workFolder } from '../support/elt.ts';
import { sharedData } from '../support/shared-data.ts';
import { sorted } from './fold-world.ts';

/** A pipeline that comes with elt, and files of the shared data that it runs on. */
export interface RunPipeline {
    readonly pipeline: string;
    readonly sources: readonly string[];
    readonly words?: readonly string[];
}

export const PIPELINES: readonly RunPipeline[] = [
    { pipeline: 'payments', sources: ['wal.json'] },
    { pipeline: 'payments_v1', sources: ['wal_batches.json'], words: ['--each-batch'] },
    {
        pipeline: 'cash_flow',
        sources: ['cash_ins.json', 'cash_outs_created.json', 'cash_outs_processed.json', 'cash_outs_refunded.json'],
    },
    { pipeline: 'card_spend', sources: ['combined_transactions.csv'] },
    { pipeline: 'game', sources: ['events.jsonl', 'exchange_rates.jsonl'] },
];

export const hasSharedData = sharedData('wal.json') !== undefined;
if (!hasSharedData) {
    console.warn('skipped: the shared data is missing');
}

/** Runs a pipeline in SQLite; resolves with the path of its database. */
export async function runInSqlite({ pipeline, sources, words = [] }: RunPipeline): Promise<string> {
    const file = join(workFolder(), `${pipeline}.db`);
    const paths = sources.map((name) => sharedData(name) ?? name);
    const ran = await elt(['--pipeline', pipeline, '--db', file, 'run', ...words, ...paths]);
    if (ran.status !== 0 && ran.status !== 4) {
        throw new Error(`elt run ended with ${ran.status}: ${ran.stderr}`);
    }
    return file;
}

/** So many mixed changes of the payments pipeline: inserts, updates that leave columns out, moves, deletes. */
export async function runMixed(records: number): Promise<string> {
    const folder = workFolder();
    const [file, sample] = [join(folder, 'payments.db'), join(folder, 'changes.jsonl')];
    const made = await elt(['sample', 'payments', '--mix', 'changes', '--records', String(records)]);
    writeFileSync(sample, made.stdout);
    const ran = await elt(['--pipeline', 'payments', '--db', file, 'run', sample]);
    if (ran.status !== 0) {
        throw new Error(`elt run ended with ${ran.status}: ${ran.stderr}`);
    }
    return file;
}

/** Each table that a run publishes, with its rows as texts. */
export function sqliteTables(file: string): ReadonlyMap<string, readonly (readonly (string | null)[])[]> {
    const database = openDatabase(file, { readonly: true });
    try {
        const names = database
            .prepare(
                "select model from elt_models where model in (select name from pragma_table_list where type = 'table')",
            )
            .pluck()
            .all() as string[];
        return new Map(names.map((name) => [name, tableRows(database, name)]));
    } finally {
        closeDatabase(database);
    }
}

function tableRows(database: Database, name: string): (string | null)[][] {
    const rows = database
        .prepare(`select * from ${quoteName(name)}`)
        .raw()
        .safeIntegers()
        .all() as unknown[][];
    return sorted(rows.map((row) => row.map((value) => (value === null ? null : String(value)))));
}

export function textOfFile(path: string): string {
    return readFileSync(path, 'utf8');
}
