import {
    followableTables,
    type PublishedTable,
    publishedTables,
    type SourceTable,
} from '../../capture/postgres/catalogue-reader.ts';
import { existingPublications } from '../../capture/postgres/publication.ts';
import { typeKey } from '../../core/relation-facts.ts';
import { readTypeNames, type SourceRow, saveTypeNames } from '../../ledger/sources.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import type { MetServer } from './begin-source.ts';

/** A source's tables as the server sends them now: by its publications, or with wal2json as they are. */
export async function describeTables(
    database: Database,
    { connection, facts }: MetServer,
    source: SourceRow,
): Promise<readonly PublishedTable[]> {
    const { plugin, publications } = source;
    const isPublished =
        plugin === 'pgoutput' && (await existingPublications(connection, publications)).length === publications.length;
    const tables = isPublished
        ? await publishedTables(connection, publications, facts.major)
        : (await followableTables(connection)).map(asSent);
    return withKnownTypes(database, source.source_id, tables);
}

/** Without a publication that says otherwise, everything but generated columns is sent. */
function asSent(table: SourceTable): PublishedTable {
    const sent = table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
    return { ...table, sent, filter: null };
}

/** A type keeps the name under which it was met first: see `elt_source_types`. */
function withKnownTypes(
    database: Database,
    sourceId: number,
    tables: readonly PublishedTable[],
): readonly PublishedTable[] {
    const known = readTypeNames(database, sourceId);
    const met: Record<string, string> = {};
    const described = tables.map((table) => ({
        ...table,
        columns: table.columns.map((column) => {
            const key = typeKey(column.typeOid, column.modifier);
            met[key] = known[key] ?? column.type;
            return { ...column, type: met[key] };
        }),
    }));
    inTransaction(database, () => saveTypeNames(database, sourceId, met));
    return described;
}
