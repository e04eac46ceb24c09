import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openSearchJars } from '../../.ci/opensearch.mjs';
import { SEARCH_PID } from './shared-servers.ts';

export const START_MS_MAX = 240_000;
const JAVA = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** Requests of tests to a server, as people would send them. */
export class SearchServer {
    readonly base: string;

    constructor(base: string) {
        this.base = base;
    }

    async send<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
        const answer = await fetch(`${this.base}${path}`, {
            method,
            headers: { 'content-type': 'application/json' },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return (await answer.json()) as T;
    }

    /** All documents of an index by their `_id`. */
    async documents(index: string): Promise<ReadonlyMap<string, Record<string, unknown>>> {
        await this.send('POST', `/${index}/_refresh`);
        const { hits } = await this.send<{
            hits: { hits: { _id: string; _source: Record<string, unknown> }[] };
        }>('POST', `/${index}/_search`, { size: 10_000 });
        return new Map(hits.hits.map(({ _id: id, _source: source }) => [id, source]));
    }
}

/** `parent`: the process with which it ends. */
export async function sharedServer(folder: string, parent: number): Promise<SearchServer> {
    const address = join(folder, 'search.address');
    try {
        // The one who can create it starts the server, the others wait.
        mkdirSync(join(folder, 'search'));
        const port = await freePort();
        const log = openSync(join(folder, 'search.log'), 'w');
        const words = ['-cp', join(openSearchJars(), '*'), fileURLToPath(new URL('open-search.java', import.meta.url))];
        const child = spawn('java', [...JAVA, ...words, join(folder, 'search'), String(port), String(parent)], {
            stdio: ['ignore', log, log],
            detached: true,
        });
        child.unref();
        writeFileSync(join(folder, SEARCH_PID), String(child.pid));
        writeFileSync(address, `http://127.0.0.1:${port}`);
    } catch (error) {
        if ((error as { code?: unknown }).code !== 'EEXIST') {
            throw error;
        }
    }
    for (const end = performance.now() + START_MS_MAX; performance.now() < end; await sleep(200)) {
        const base = existsSync(address) ? readFileSync(address, 'utf8') : '';
        try {
            if (base !== '' && (await fetch(`${base}/_cluster/health?wait_for_status=yellow&timeout=10s`)).ok) {
                return new SearchServer(base);
            }
        } catch {
            // It is still starting.
        }
    }
    throw new Error(`OpenSearch did not start:\n${readFileSync(join(folder, 'search.log'), 'utf8').slice(-3_000)}`);
}

function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.on('error', reject);
        server.listen(0, '127.0.0.1', () => {
            const { port } = server.address() as { port: number };
            server.close(() => resolve(port));
        });
    });
}
