import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll } from 'vitest';
import { bringOpenSearch, openSearchJars } from '../../.ci/opensearch.mjs';
import { SEARCH_PID, SHARED } from './shared-servers.ts';

const START_MS_MAX = 240_000;
const JAVA = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const NO_SEARCH = 'no OpenSearch here: "node .ci/opensearch.mjs" brings it with Maven; it needs a JDK 17 or newer';

/** Whether tests on OpenSearch can run here; says so where they cannot, and throws under `CI=true`. */
export const hasSearch = ((): boolean => {
    const reason = process.env.CI === 'true' || existsSync(openSearchJars()) ? bringOpenSearch() : NO_SEARCH;
    const compiles = spawnSync('javac', ['-version'], { stdio: 'ignore' }).status === 0;
    const found = reason ?? (compiles ? null : 'no JDK here (Debian: apt-get install openjdk-17-jdk-headless)');
    if (found !== null && process.env.CI === 'true') {
        throw new Error(found);
    }
    if (found !== null) {
        console.warn(`skipped: ${found}`);
    }
    return found === null;
})();

/** The server for the tests of a `describe` block, started by the first file of a run and shared by all. */
export function searchForTests(): () => SearchServer {
    let server: SearchServer | undefined;
    beforeAll(async () => {
        server = await sharedServer(process.env[SHARED] ?? '', process.ppid);
    }, START_MS_MAX);
    return () => server as SearchServer;
}

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
