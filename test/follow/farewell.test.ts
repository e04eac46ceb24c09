import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ReplicationStream } from '../../src/capture/postgres/replication-stream.ts';
import { serverAddress } from '../../src/postgres/server-address.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe.skipIf(!hasPostgres)('the end of a replication connection', () => {
    const cluster = clusterForTests();

    it('is the end of everything that would keep its thread: the process ends as soon as the server has answered', async () => {
        const session = await cluster().createDatabase('farewell');
        await session.sql(`create table t (id int primary key); create publication p for table t;
            select pg_create_logical_replication_slot('farewell', 'pgoutput');`);
        const before = timers();
        let hasEnded: (error: unknown) => void = () => undefined;
        const ended = new Promise<unknown>((resolve) => {
            hasEnded = resolve;
        });
        let frames = 0;
        const stream = new ReplicationStream(
            {
                address: serverAddress(cluster().address('farewell')),
                slot: 'farewell',
                options: { proto_version: '1', publication_names: 'p' },
                from: '0/0',
                namesRelations: true,
                typeNames: {},
                isWaitedFor: true,
            },
            {
                frame: () => {
                    frames++;
                    return true;
                },
                ended: hasEnded,
            },
        );
        await stream.start();
        await session.sql('insert into t values (1);');
        while (frames === 0) {
            await sleep(5);
        }
        await stream.close();
        expect(await ended).toBeNull();
        expect(timers()).toBeLessThanOrEqual(before);
        await session.sql(`select pg_drop_replication_slot('farewell');`);
        await session.close();
    });
});
