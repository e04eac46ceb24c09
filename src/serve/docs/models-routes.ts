import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { ServeContext } from '../answers/serve-context.ts';
import { NoSuchPage } from '../http/http-error.ts';

/** `/models` and `/models/<pipeline>`: the page of a pipeline's models, as `elt docs` writes it. */
export function modelsRoutes(app: FastifyInstance, context: ServeContext): void {
    const names = [...context.pipelines.keys()];
    const policy = policyOf([context.assets.text('models.css')], [context.assets.text('models.js')]);

    app.get('/models', async (_, reply) => {
        return reply
            .code(302)
            .header('location', `/models/${encodeURIComponent(names[0] ?? '')}`)
            .send('');
    });

    app.get('/models/:pipeline', async (request, reply) => {
        const { pipeline = '' } = request.params as { readonly pipeline?: string };
        if (!names.includes(pipeline)) {
            throw new NoSuchPage('pipeline', pipeline, 'there is no such pipeline');
        }
        const html = await context.options.modelsPage(pipeline);
        return reply
            .header('content-type', 'text/html; charset=utf-8')
            .header('content-security-policy', policy)
            .header('referrer-policy', 'no-referrer')
            .header('cache-control', 'no-cache')
            .send(html);
    });
}

/** The page brings its style and its script along: these two, known by their hashes, and nothing else. */
function policyOf(styles: readonly string[], scripts: readonly string[]): string {
    const hashes = (texts: readonly string[]): string =>
        texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
    return [
        "default-src 'none'",
        `style-src ${hashes(styles)}`,
        `script-src ${hashes(scripts)}`,
        'img-src data:',
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ].join('; ');
}
