import type { FastifyInstance } from 'fastify';
import { readDashboard } from '../../query/dashboard.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import { sendPage } from '../http/html-page.ts';
import { HttpError } from '../http/http-error.ts';
import { questionAddress } from '../http/question-address.ts';
import { readTarget } from '../http/request-target.ts';
import { docsPage } from './docs-page.ts';
import { exampleAnswers } from './example-answers.ts';
import { openapiDocument } from './openapi-document.ts';

/** `/openapi.json`, and `/docs`, where the questions can be tried without JavaScript. */
export function docsRoutes(app: FastifyInstance, context: ServeContext): void {
    app.get('/openapi.json', async (_, reply) => {
        reply.header('cache-control', 'no-cache').header('content-type', 'application/json; charset=utf-8');
        return reply.send(`${JSON.stringify(openapiDocument(context), null, 2)}\n`);
    });

    app.get('/docs', async (request, reply) => {
        const questions = context.questions.all();
        const examples = await exampleAnswers(context, questions);
        const dashboards = [...context.pipelines.keys()].map((name) => readDashboard(context.options.sqlFolder, name));
        return sendPage(request, reply, context.assets, docsPage(questions, examples, dashboards, request.host));
    });

    // A form cannot put a value into a path: it sends its fields here, and is redirected to the question.
    app.get('/docs/try/:pipeline/:name', async (request, reply) => {
        const { pipeline, name } = request.params as { readonly pipeline: string; readonly name: string };
        const served = context.questions.all().find((one) => one.pipeline === pipeline && one.name === name);
        if (served?.route == null) {
            throw new HttpError('NOT_FOUND', 'there is no such question');
        }
        const { given } = readTarget(request.url);
        reply.code(303).header('location', questionAddress(served.route, given, given.get('_format') ?? ''));
        return reply.send('');
    });
}
