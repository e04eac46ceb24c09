import type { PublishedTable, SourceTable } from '../../capture/postgres/catalogue-reader.ts';
import { serverFacts } from '../../capture/postgres/server-facts.ts';
import { nameOf } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { serverError } from '../../postgres/server-error.ts';
import type { Settings } from '../../project/settings.ts';
import { withTemporaryDatabase } from '../../project/temporary-database.ts';
import type { Database } from '../../sqlite/database.ts';
import { declareTables } from '../declare-tables.ts';
import { rowShape } from './copy-tables.ts';
import { asSent } from './describe-tables.ts';
import type { SourceOptions } from './source-options.ts';
import { wantedTables } from './wanted-tables.ts';

/** What the catalogue says of a table, for people. */
export type CataloguedTable = Pick<SourceTable, 'schema' | 'table' | 'comment' | 'columns' | 'parts'>;

/** What the pipeline keeps as text: nothing, as it is not there yet. */
const NOTHING_DECLARED = () => undefined;

/**
 * The staging tables of a server's tables, as its catalogue describes them and without a row, in a temporary database
 * that exists only while `work` runs. Reads the catalogue and nothing else.
 */
export async function withCatalogue<T>(
    settings: Settings,
    options: SourceOptions,
    work: (database: Database, server: string, tables: readonly CataloguedTable[]) => Promise<T>,
): Promise<T> {
    const tables = await readTables(options);
    return await withTemporaryDatabase(settings, async (database) => {
        const shapes = tables.map((table) => rowShape('sent' in table ? table : asSent(table), NOTHING_DECLARED));
        declareTables(database, shapes, { drift: 'evolve', declared: NOTHING_DECLARED });
        return await work(database, nameOf(options.address), tables);
    });
}

async function readTables({
    address,
    tables,
    publications,
    plugin,
}: SourceOptions): Promise<readonly (SourceTable | PublishedTable)[]> {
    const connection = await ServerConnection.open(address);
    try {
        const { major } = await serverFacts(connection);
        return await wantedTables(connection, { tables, publications, plugin, major });
    } catch (error) {
        throw serverError(error, address, 'show its catalogue');
    } finally {
        await connection.close();
    }
}
