import type { Question } from '../../query/question.ts';
import { significantTokens } from '../../sql/tokens.ts';
import type { Database } from '../../sqlite/database.ts';
import { tablesTouched } from '../../sqlite/tables-touched.ts';
import { HttpError } from '../http/http-error.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/** @throws HttpError MART_NOT_FILLED if the question reads a mart that was never filled: its answer would be wrong. */
export function refuseNotFilled(pipeline: ServedPipeline, question: Question): void {
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
