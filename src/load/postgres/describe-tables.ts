import {
    followableTables,
    type PublishedTable,
    publishedTables,
    type SourceTable,
} from '../../capture/postgres/catalogue-reader.ts';
import type { MetServer } from '../../capture/postgres/meet-server.ts';
import { existingPublications } from '../../capture/postgres/publication.ts';
import { type TypeNames, typeKey } from '../../core/relation-facts.ts';
import { readTypeNames, type SourceRow, saveTypeNames } from '../../ledger/sources.ts';
import type { Database } from '../../sqlite/database.ts';

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
        : (await followableTables(connection, plugin)).map(asSent);
    return withKnownTypes(readTypeNames(database, source.source_id), tables);
}

/** Keeps the names of the tables' types, in the caller's transaction. */
export function rememberTypes(database: Database, sourceId: number, tables: readonly PublishedTable[]): void {
    const columns = tables.flatMap((table) => table.columns);
    const names = columns.map(({ typeOid, modifier, type }) => [typeKey(typeOid, modifier), type] as const);
    saveTypeNames(database, sourceId, Object.fromEntries(names));
}

/** Without a publication that says otherwise, everything but generated columns is sent. */
export function asSent(table: SourceTable): PublishedTable {
    const sent = table.columns.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name);
    return { ...table, sent, filter: null };
}

/** A type keeps the name under which it was met first: see `elt_source_types`. */
function withKnownTypes(known: TypeNames, tables: readonly PublishedTable[]): readonly PublishedTable[] {
    return tables.map((table) => ({
        ...table,
        columns: table.columns.map((column) => {
            const { typeOid, modifier, type } = column;
            return { ...column, type: known[typeKey(typeOid, modifier)] ?? type };
        }),
    }));
}
