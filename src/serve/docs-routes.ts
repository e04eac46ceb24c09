import type { FastifyInstance } from 'fastify';
import { docsPage } from './docs-page.ts';
import { sendPage } from './html-page.ts';
import { HttpError } from './http-error.ts';
import { openapiDocument } from './openapi-document.ts';
import { questionAddress } from './question-address.ts';
import { readTarget } from './request-target.ts';
import type { ServeContext } from './serve-context.ts';

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
code, pre { font: .9rem/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .5rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
section { margin: 2.5rem 0; border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; }
label { display: grid; font-size: .9rem; }
input, select, button { font: inherit; padding: .3rem .5rem; min-width: 0; }
.required::after { content: " *"; }
`;

/** `/openapi.json`, and `/docs`, where the questions can be tried without any script. */
export function docsRoutes(app: FastifyInstance, context: ServeContext): void {
    app.get('/openapi.json', async (_, reply) => {
        reply.header('cache-control', 'no-cache').header('content-type', 'application/json; charset=utf-8');
        return reply.send(`${JSON.stringify(openapiDocument(context), null, 2)}\n`);
    });

    app.get('/docs', async (request, reply) => {
        return sendPage(reply, docsPage(context.questions.all(), request.host));
    });

    app.get('/assets/docs.css', async (_, reply) => {
        return reply.header('cache-control', 'no-cache').header('content-type', 'text/css; charset=utf-8').send(STYLE);
    });

    // A form cannot put a value into a path: it sends its fields here, and is sent on to the question.
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
