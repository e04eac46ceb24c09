import { join } from 'node:path';
import { readDrift } from '../../ledger/catalogue.ts';
import { countOpenRejects } from '../../ledger/rejects.ts';
import { isForEngine, sqlFileNames } from '../../project/sql-files.ts';
import { questionOf } from '../../query/question.ts';
import { quoteName } from '../../sql/quote.ts';
import { isFailed } from '../answers/ask-readers.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { errorAnswer } from '../http/http-error.ts';
import { askShared } from './page-request.ts';

/** How fresh and how whole the data of a pipeline is. */
export interface Overview {
    readonly pipeline: string;
    /** Why its database cannot be read; null: it can. */
    readonly error: string | null;
    readonly lastRun: string | null;
    /** Changes that have landed, of all loads. */
    readonly landed: number;
    /** Records that were put aside and not retried. */
    readonly rejects: number;
    readonly drifted: number;
    /** The marts with their rows; null: not filled, or it cannot be counted now. */
    readonly marts: readonly { readonly name: string; readonly rows: number | null }[];
}

const UNKNOWN = { lastRun: null, landed: 0, rejects: 0, drifted: 0, marts: [] };

export function overviewsOf(context: ServeContext): Promise<readonly Overview[]> {
    return Promise.all([...context.pipelines.values()].map((pipeline) => overviewOf(context, pipeline)));
}

/** Rows are counted by the readers, once for a state of the database. */
async function overviewOf(context: ServeContext, pipeline: ServedPipeline): Promise<Overview> {
    try {
        pipeline.check();
        const database = pipeline.connection();
        if (database === null) {
            return { pipeline: pipeline.name, error: 'cannot be read', ...UNKNOWN };
        }
        const landed = database.prepare('select coalesce(sum(changes), 0) from elt_loads').pluck().get() as number;
        const facts = {
            lastRun: pipeline.lastRun(),
            landed,
            rejects: countOpenRejects(database),
            drifted: readDrift(database).length,
        };
        const folder = join(context.options.sqlFolder, pipeline.name, 'marts');
        const names = sqlFileNames(folder)
            .filter((name) => !isForEngine(name))
            .map((name) => name.slice(0, -'.sql'.length));
        const marts = await Promise.all(
            names.map(async (name) => ({ name, rows: await rowsOf(context, pipeline, name) })),
        );
        return { pipeline: pipeline.name, error: null, ...facts, marts };
    } catch (error) {
        return { pipeline: pipeline.name, error: errorAnswer(error, pipeline.name).body.error, ...UNKNOWN };
    }
}

async function rowsOf(context: ServeContext, pipeline: ServedPipeline, mart: string): Promise<number | null> {
    const question = questionOf(`rows of ${mart}`, 'the index', `select count(*) as n from ${quoteName(mart)};`);
    const dashboard = { pipeline: pipeline.name, figures: [], filters: [] };
    const page = { pipeline, dashboard, state: pipeline.state(), given: new Map<string, string>(), ignored: [] };
    try {
        const answer = await askShared(context, page, question);
        return isFailed(answer)
            ? null
            : ((JSON.parse(answer.body.toString('utf8')) as { readonly rows: readonly [[number]] }).rows[0][0] ?? null);
    } catch {
        return null;
    }
}
