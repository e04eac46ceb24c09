import type { FastifyInstance } from 'fastify';
import { NoSuchPage } from '../http/http-error.ts';
import { readTarget } from '../http/request-target.ts';
import { answerRequest } from './answer-request.ts';
import type { ServeContext } from './serve-context.ts';

/**
 * The questions: every path that has no other route. Their routes come from files that can change while the server
 * runs, so they are matched for each request.
 */
export function questionRoutes(app: FastifyInstance, context: ServeContext): void {
    app.get('/*', async (request, reply) => {
        const { words, suffix, given } = readTarget(request.url);
        const found = context.questions.find(words);
        const pipeline = found === null ? undefined : context.pipelines.get(found.served.pipeline);
        if (found === null || pipeline === undefined) {
            const next =
                'GET /openapi.json lists the routes; /docs names the files of questions that are not served, and why';
            throw new NoSuchPage('page', `/${words.join('/')}`, 'there is no such route', { next });
        }
        const { served, values } = found;
        request.routeName = served.route?.path ?? served.file;
        request.pipelineName = served.pipeline;
        if (served.question === null) {
            throw served.error;
        }
        const key = `${served.pipeline} ${request.routeName}`;
        return await answerRequest(
            context,
            {
                pipeline,
                question: served.question,
                key,
                inPath: values,
                given,
                suffix,
            },
            request,
            reply,
        );
    });
}
