import { join } from 'node:path';
import { hasLakes, readPulls } from '../../ledger/lakes.ts';
import { readStream } from '../../ledger/loads.ts';
import { readModelStates, readWatermarks } from '../../ledger/model-state.ts';
import { sqlFileNames } from '../../project/sql-files.ts';
import type { Question } from '../../query/question.ts';
import { significantTokens } from '../../sql/tokens.ts';
import type { Database } from '../../sqlite/database.ts';
import { tablesTouched } from '../../sqlite/tables-touched.ts';
import { HttpError } from '../http/http-error.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/**
 * Marts that no run has filled since their table was created: a migration creates an empty table, and whatever is asked
 * of that would be answered with 0. A mart that a run has found to be empty is filled, and so is one that was pulled from a
 * lake. Names are in lower case.
 */
export function unfilledMarts(database: Database, sqlFolder: string, pipeline: string): ReadonlySet<string> {
    const states = readModelStates(database);
    const watermarks = readWatermarks(database);
    const pulled = new Set((hasLakes(database) ? readPulls(database) : []).map(({ mart }) => mart));
    const hasLanded = readStream(database).whole_seq > 0;
    const names = sqlFileNames(join(sqlFolder, pipeline, 'marts')).map((name) => name.slice(0, -'.sql'.length));
    const unfilled = names.filter((name) => {
        const { watermark } = watermarks.get(name) ?? {};
        // A migration that creates the table of a mart anew sets its watermark to 0.
        return !pulled.has(name) && (!states.has(name) || (watermark === 0 && hasLanded));
    });
    return new Set(unfilled.map((name) => name.toLowerCase()));
}

/** @throws HttpError MART_NOT_FILLED if the question reads a mart that was never filled: its answer would be wrong. */
export function refuseUnfilled(pipeline: ServedPipeline, question: Question): void {
    const unfilled = pipeline.unfilled();
    const database = unfilled.size === 0 ? null : pipeline.connection();
    if (database === null) {
        return;
    }
    const mart = tablesOf(database, question).find((name) => unfilled.has(name.toLowerCase()));
    if (mart !== undefined) {
        throw new HttpError('MART_NOT_FILLED', `"${mart}" has not been filled yet`, {
            next: 'run "elt run", or "elt transform"; "elt transform --dry-run" says what it waits for',
        });
    }
}

function tablesOf(database: Database, { statement: { sql } }: Question): readonly string[] {
    const tokens = significantTokens(sql);
    try {
        const variables = tokens.flatMap(({ kind, text }) => (kind === 'variable' ? [[text.slice(1), null]] : []));
        return tablesTouched(database, sql.replace(/;\s*$/, ''), Object.fromEntries(variables)).reads;
    } catch {
        // A table that does not exist yet is not filled either.
        return tokens.map(({ text }) => text.replace(/^["`[]|["`\]]$/g, ''));
    }
}
