import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { isNoneMatch } from './entity-tag.ts';
import { HttpError } from './http-error.ts';

/** A file that pages load. No other file can be requested. */
export interface Asset {
    readonly type: string;
    readonly location: URL;
}

/** Serves the files below `/assets/`, by name. A file is read once, when it is first requested. */
export function assetRoutes(app: FastifyInstance, assets: ReadonlyMap<string, Asset>): void {
    const loaded = new Map<string, { readonly bytes: Buffer; readonly tag: string }>();
    app.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) => {
        const name = request.params['*'];
        const asset = assets.get(name);
        if (asset === undefined) {
            throw new HttpError('NOT_FOUND', 'there is no such file');
        }
        let content = loaded.get(name);
        if (content === undefined) {
            const bytes = readFileSync(asset.location);
            content = { bytes, tag: `"${createHash('sha1').update(bytes).digest('base64url')}"` };
            loaded.set(name, content);
        }
        reply.header('cache-control', 'no-cache').header('etag', content.tag).header('content-type', asset.type);
        if (isNoneMatch(request.headers['if-none-match'], content.tag)) {
            return reply.code(304).send();
        }
        return reply.send(content.bytes);
    });
}
