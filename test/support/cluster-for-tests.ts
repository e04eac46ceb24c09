import { afterAll, beforeAll } from 'vitest';
import { type Cluster, findPostgres, NO_POSTGRES, startCluster } from './postgres.ts';

/** Whether tests on PostgreSQL can run here; says so where they cannot, and throws under `CI=true`. */
export const hasPostgres = findPostgres() !== undefined;
if (!hasPostgres) {
    console.warn(`skipped: ${NO_POSTGRES}`);
}

/** One cluster for the tests of a `describe` block, started before the first and removed after the last. */
export function clusterForTests(): () => Cluster {
    let cluster: Cluster | undefined;
    beforeAll(() => {
        const installation = findPostgres();
        cluster = installation === undefined ? undefined : startCluster(installation);
    });
    afterAll(async () => {
        await cluster?.stop();
    });
    return () => {
        if (cluster === undefined) {
            throw new Error(NO_POSTGRES);
        }
        return cluster;
    };
}
