import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Cluster } from './postgres.ts';

/**
 * Stands before a server as a connection pooler does: it takes the startup packet for itself and opens an ordinary
 * connection, so that nobody behind it can replicate. `close` ends it.
 */
export class Pooler {
    readonly #server: Server;
    readonly #sockets = new Set<Socket>();

    private constructor(server: Server) {
        this.#server = server;
    }

    static async before(cluster: Cluster): Promise<Pooler> {
        const server = createServer();
        const pooler = new Pooler(server);
        server.on('connection', (client) => pooler.#join(client, join(cluster.folder, '.s.PGSQL.5432')));
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        return pooler;
    }

    address(database: string): string {
        const { port } = this.#server.address() as { readonly port: number };
        return `postgres://postgres@127.0.0.1:${port}/${database}?sslmode=disable`;
    }

    async close(): Promise<void> {
        for (const socket of this.#sockets) {
            socket.destroy();
        }
        await new Promise((resolve) => this.#server.close(resolve));
    }

    #join(client: Socket, path: string): void {
        const upstream = connect(path);
        for (const socket of [client, upstream]) {
            this.#sockets.add(socket);
            socket.on('error', () => undefined).on('close', () => this.#sockets.delete(socket));
        }
        client.once('data', (startup) => {
            upstream.write(withoutReplication(startup));
            client.pipe(upstream).pipe(client);
        });
    }
}

/** Source: https://www.postgresql.org/docs/current/protocol-message-formats.html, StartupMessage. */
function withoutReplication(startup: Buffer): Buffer {
    const words = startup.toString('utf8', 8, startup.length - 2).split('\0');
    const kept = words.filter((_, index) => words[index - (index % 2)] !== 'replication');
    const body = Buffer.from(`${kept.join('\0')}\0\0`);
    const head = Buffer.from(startup.subarray(0, 8));
    head.writeInt32BE(8 + body.length);
    return Buffer.concat([head, body]);
}
