import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { serverError } from '../../postgres/server-error.ts';
import { type ServerFacts, serverFacts } from './server-facts.ts';
import { type ServerHistory, serverHistory } from './server-history.ts';

/** A server as it was met. Owns the connection; the caller closes it. */
export interface MetServer {
    readonly connection: ServerConnection;
    readonly address: ServerAddress;
    readonly facts: ServerFacts;
    readonly history: ServerHistory;
}

/** Connects, and asks who the server is. */
export async function meetServer(address: ServerAddress): Promise<MetServer> {
    const connection = await ServerConnection.open(address);
    try {
        const facts = await serverFacts(connection);
        const replication = await ServerConnection.open(address, 'replication');
        const history = await serverHistory(replication, facts).finally(() => replication.close());
        return { connection, address, facts, history };
    } catch (error) {
        await connection.close();
        throw serverError(error, address, 'say what it is');
    }
}
