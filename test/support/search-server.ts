import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll } from 'vitest';
import { bringOpenSearch, openSearchJars } from '../../.ci/opensearch.mjs';
import { SHARED } from './shared-servers.ts';
import { type SearchServer, START_MS_MAX, sharedServer } from './start-search.ts';

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
