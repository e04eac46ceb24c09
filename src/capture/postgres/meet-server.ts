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

/** Connects, and asks who the server is; one that has been reached and then says nothing is as one that was not. */
export async function meetServer(address: ServerAddress): Promise<MetServer> {
    const connection = await ServerConnection.open(address);
    try {
        connection.limitSilence(address.connectTimeoutMs);
        const facts = await serverFacts(connection);
        // While the other connection is asked this one has nothing to say; what it is asked later may take its time.
        connection.limitSilence(0);
        const replication = await ServerConnection.open(address, 'replication');
        replication.limitSilence(address.connectTimeoutMs);
        const history = await serverHistory(replication, facts).finally(() => replication.close());
        return { connection, address, facts, history };
    } catch (error) {
        await connection.close();
        throw serverError(error, address, 'say what it is');
    }
}
