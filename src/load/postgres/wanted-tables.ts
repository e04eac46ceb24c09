import {
    followableTables,
    type PublishedTable,
    publishedTables,
    type SourceTable,
} from '../../capture/postgres/catalogue-reader.ts';
import { nameOfTable } from '../../capture/postgres/check-tables.ts';
import { existingPublications } from '../../capture/postgres/publication.ts';
import { EltError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';
import { type NamedTable, namedTable } from '../../sql/relation-name.ts';

interface Wanted {
    readonly tables: readonly string[];
    readonly publications: readonly string[];
    readonly plugin: 'pgoutput' | 'wal2json';
    readonly major: number;
}

/** The tables that a person wants, in the order of their names. @throws EltError COMMAND_WRONG, SOURCE_UNFIT. */
export async function wantedTables(
    connection: ServerConnection,
    { tables, publications, plugin, major }: Wanted,
): Promise<readonly (SourceTable | PublishedTable)[]> {
    if (publications.length > 0) {
        await refuseMissing(connection, publications);
    }
    const all =
        publications.length === 0
            ? await followableTables(connection, plugin)
            : await publishedTables(connection, publications, major);
    const wanted = tables.length === 0 ? all : all.filter((table) => tables.some((word) => isNamed(table, word)));
    for (const word of tables) {
        if (!all.some((table) => isNamed(table, word))) {
            throw unknownTable(word, all.map(nameOfTable));
        }
    }
    if (wanted.length === 0) {
        throw new EltError({
            code: 'SOURCE_UNFIT',
            message: 'there is no table to follow',
            found: publications.length === 0 ? 'no user table in this database' : 'the publications name none',
            state: 'nothing was changed',
            next: 'check the database of the address, and that the tables are there',
        });
    }
    return wanted;
}

/** Whether a word names the table: see `namedTable`; `sales.*` names all of a schema. */
export function isNamed({ schema, table }: NamedTable, word: string): boolean {
    const named = namedTable(word);
    return schema === named.schema && (named.table === '*' || table === named.table);
}

async function refuseMissing(connection: ServerConnection, publications: readonly string[]): Promise<void> {
    const there = await existingPublications(connection, publications);
    const missing = publications.find((name) => !there.includes(name));
    if (missing !== undefined) {
        throw new EltError({
            code: 'SOURCE_UNFIT',
            message: `the server has no publication "${missing}"`,
            state: 'nothing was changed',
            next: 'have its owner create it: "elt source check" shows the SQL',
        });
    }
}

function unknownTable(word: string, names: readonly string[]): EltError {
    const nearest = nearestName(word, names);
    return new EltError({
        code: 'COMMAND_WRONG',
        message: `no table "${word}" can be followed`,
        found: nearest === undefined ? `tables: ${names.join(', ')}` : `did you mean "${nearest}"?`,
        state: 'nothing was changed',
        next: 'correct --tables: name, schema.name or schema.*',
    });
}
