import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { meetServer } from '../../src/capture/postgres/meet-server.ts';
import { serverAddress } from '../../src/postgres/server-address.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import type { Cluster } from '../support/postgres.ts';

/** The letter of a Query message. */
const QUERY = 0x51;

describe.skipIf(!hasPostgres)('a server that lets in and then says nothing', () => {
    const cluster = clusterForTests();
    const sockets: Socket[] = [];
    let server: Server | undefined;
    afterEach(() => {
        for (const socket of sockets.splice(0)) {
            socket.destroy();
        }
        server?.close();
    });

    test.each([
        ['on the ordinary connection', 1],
        ['on the connection of replication', 2],
    ])('%s: it is not reached, and nobody waits for it', async (_, silent) => {
        const session = await cluster().createDatabase('silent');
        server = await serverBefore(cluster(), silent, sockets);
        const { port } = server.address() as { readonly port: number };
        const words = `postgres://postgres@127.0.0.1:${port}/silent?sslmode=disable&connect_timeout=1`;
        const began = performance.now();
        await expect(meetServer(serverAddress(words))).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
        expect(performance.now() - began).toBeGreaterThan(900);
        await session.close();
        await cluster().dropDatabase('silent');
    });
});

/** Passes everything on, but no question of the connection `silent`, counted from one. */
async function serverBefore(cluster: Cluster, silent: number, sockets: Socket[]): Promise<Server> {
    let count = 0;
    const server = createServer((client) => {
        const upstream = connect(join(cluster.folder, '.s.PGSQL.5432'));
        sockets.push(client, upstream);
        const isSilent = ++count === silent;
        client.on('error', () => undefined).on('close', () => upstream.destroy());
        upstream.on('error', () => undefined).on('close', () => client.destroy());
        client.on('data', (bytes) => (isSilent && bytes[0] === QUERY) || upstream.write(bytes));
        upstream.pipe(client);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
}
