import { join } from 'node:path';
import { packageFolder } from '../project/settings.ts';
import { type ServeContext, serveContext } from './answers/serve-context.ts';
import { BODIES_BYTES_MAX, type ServeOptions, SHARED_BYTES_MAX, WAITING_MAX } from './answers/serve-options.ts';
import { ServedPipeline } from './answers/served-pipeline.ts';
import { ServedQuestions } from './answers/served-questions.ts';
import { SharedAnswers } from './answers/shared-answers.ts';
import { PageAssets } from './http/page-assets.ts';
import { BodyBudget } from './readers/body-budget.ts';
import { ReaderPool } from './readers/reader-pool.ts';
import { RowStreams } from './readers/row-streams.ts';

/** What a server is made of, without one that listens. @throws EltError ROUTE_CLASH. */
export function contextOf(options: ServeOptions): { readonly context: ServeContext; readonly close: () => void } {
    const questions = new ServedQuestions(
        options.sqlFolder,
        options.pipelines.map(({ name }) => name),
    );
    questions.refuseClashes();
    const budget = new BodyBudget(BODIES_BYTES_MAX);
    const { readers, timeoutMs } = options;
    const pool = new ReaderPool({ readers, timeoutMs, waitingMax: WAITING_MAX, budget });
    const pipelines = new Map(
        options.pipelines.map(({ name, file }) => [name, new ServedPipeline(name, file, options.sqlFolder)]),
    );
    const streams = new RowStreams(timeoutMs);
    const shared = new SharedAnswers(SHARED_BYTES_MAX);
    const assets = new PageAssets(join(packageFolder(), 'dist', 'browser'));
    const context = serveContext({ options, pipelines, questions, pool, streams, shared, assets, budget });
    return {
        context,
        close: (): void => {
            streams.close();
            pool.close();
            for (const pipeline of pipelines.values()) {
                pipeline.close();
            }
        },
    };
}
