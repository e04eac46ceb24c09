import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { acceptedEncoding, type ContentEncoding } from './content-encoding.ts';
import { isNoneMatch } from './entity-tag.ts';
import { HttpError } from './http-error.ts';

const TYPES: Readonly<Record<string, string>> = {
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.svg': 'image/svg+xml',
};

interface PageAsset {
    readonly type: string;
    readonly bytes: Buffer;
    /** The bytes in each encoding. `br` was written by the build; `gzip` takes little time, when first requested. */
    readonly compressed: Readonly<Record<ContentEncoding, () => Buffer>>;
    readonly hash: string;
}

/**
 * The files that the pages load: the contents of `dist/browser/`, and no other file. Each has its hash in its address,
 * so that a browser keeps it for good: another content is another address. Nothing is fetched from elsewhere.
 */
export class PageAssets {
    readonly #byName = new Map<string, PageAsset>();
    readonly #byAddress = new Map<string, PageAsset>();

    constructor(folder: string) {
        for (const name of readdirSync(folder)) {
            const type = TYPES[extname(name)];
            if (type !== undefined) {
                const bytes = readFileSync(join(folder, name));
                const asset = {
                    type,
                    bytes,
                    compressed: {
                        br: once(() => readFileSync(join(folder, `${name}.br`))),
                        gzip: once(() => gzipSync(bytes)),
                    },
                    hash: createHash('sha256').update(bytes).digest('base64url').slice(0, 12),
                };
                this.#byName.set(name, asset);
                this.#byAddress.set(hashedName(name, asset), asset);
            }
        }
    }

    /** `/assets/page.3fA9_c1bXw0z.css`; `name` is that of a file that the build has written. */
    address(name: string): string {
        const asset = this.#byName.get(name);
        if (asset === undefined) {
            throw new Error(`the build has written no file "${name}"`);
        }
        return `/assets/${hashedName(name, asset)}`;
    }

    /** The text of a file, for a page that stands alone. */
    text(name: string): string {
        return this.#byName.get(name)?.bytes.toString('utf8') ?? '';
    }

    /** A plain name is answered too, and then asked again each time. */
    find(name: string): { readonly asset: PageAsset; readonly isForGood: boolean } | undefined {
        const hashed = this.#byAddress.get(name);
        const asset = hashed ?? this.#byName.get(name);
        return asset === undefined ? undefined : { asset, isForGood: hashed !== undefined };
    }
}

export function assetRoutes(app: FastifyInstance, assets: PageAssets): void {
    // They are compressed already, and better.
    app.get<{ Params: { '*': string } }>('/assets/*', { compress: false }, async (request, reply) => {
        const found = assets.find(request.params['*']);
        if (found === undefined) {
            throw new HttpError('NOT_FOUND', 'there is no such file');
        }
        const { asset, isForGood } = found;
        const encoding = acceptedEncoding(request.headers['accept-encoding'], asset.compressed);
        const tag = `"${asset.hash}${encoding === null ? '' : `-${encoding}`}"`;
        reply
            .header('cache-control', isForGood ? 'public, max-age=31536000, immutable' : 'no-cache')
            .header('vary', 'Accept-Encoding')
            .header('etag', tag)
            .header('content-type', asset.type);
        if (isNoneMatch(request.headers['if-none-match'], tag)) {
            return reply.code(304).send();
        }
        if (encoding !== null) {
            reply.header('content-encoding', encoding);
        }
        return reply.send(encoding === null ? asset.bytes : asset.compressed[encoding]());
    });
}

/** `page.css`: `page.3fA9_c1bXw0z.css`. */
function hashedName(name: string, { hash }: PageAsset): string {
    const ending = extname(name);
    return `${name.slice(0, -ending.length)}.${hash}${ending}`;
}

function once<T>(make: () => T): () => T {
    let made: { readonly value: T } | undefined;
    return () => {
        made ??= { value: make() };
        return made.value;
    };
}
