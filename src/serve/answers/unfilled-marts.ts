import { join } from 'node:path';
import { unfilledOf } from '../../ledger/filled-marts.ts';
import { sqlFileNames } from '../../project/sql-files.ts';
import type { Question } from '../../query/question.ts';
import { significantTokens } from '../../sql/tokens.ts';
import type { Database } from '../../sqlite/database.ts';
import { tablesTouched } from '../../sqlite/tables-touched.ts';
import { HttpError } from '../http/http-error.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/** Marts whose answers would be wrong: see `unfilledOf`. Names are in lower case. */
export function unfilledMarts(database: Database, sqlFolder: string, pipeline: string): ReadonlySet<string> {
    const names = sqlFileNames(join(sqlFolder, pipeline, 'marts')).map((name) => name.slice(0, -'.sql'.length));
    return new Set(unfilledOf(database, names).map((name) => name.toLowerCase()));
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
