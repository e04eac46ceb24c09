import type { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier, quoteRelation } from '../../postgres/server-quote.ts';
import type { SourceTable } from './catalogue-reader.ts';

/**
 * Two publications of named tables. One `for all tables` would let PostgreSQL refuse the updates and deletes of every
 * table without a key, in the application that makes them: such tables are published with their inserts alone.
 */
export interface PublicationNames {
    readonly withKey: string;
    readonly withoutKey: string;
}

export function publicationNames(slot: string): PublicationNames {
    return { withKey: slot, withoutKey: `${slot}_inserts` };
}

/** Whether the server can send a table's updates and deletes, and so lets the application make them. */
export function hasIdentity(table: Pick<SourceTable, 'identity' | 'isIdentityEverywhere'>): boolean {
    return table.identity.length > 0 && table.isIdentityEverywhere;
}

/** A partition's changes come under the name of its root. */
const BY_ROOT = 'publish_via_partition_root = true';

/** The statements that create them: run as they stand, or given to a role that may. */
export function createPublications(names: PublicationNames, tables: readonly SourceTable[]): readonly string[] {
    const list = (wanted: readonly SourceTable[]): string =>
        wanted.length === 0 ? '' : ` for table ${wanted.map(quoteRelation).join(', ')}`;
    const withKey = tables.filter(hasIdentity);
    const without = tables.filter((table) => !hasIdentity(table));
    return [
        `create publication ${quoteIdentifier(names.withKey)}${list(withKey)} with (${BY_ROOT})`,
        `create publication ${quoteIdentifier(names.withoutKey)}${list(without)} with (publish = 'insert, truncate', ${BY_ROOT})`,
    ];
}

export function addToPublication(names: PublicationNames, table: SourceTable): string {
    const name = hasIdentity(table) ? names.withKey : names.withoutKey;
    return `alter publication ${quoteIdentifier(name)} add table ${quoteRelation(table)}`;
}

/** The statements that give a table to the one of the two that it belongs in by now. */
export function moveInPublications(names: PublicationNames, table: SourceTable): readonly string[] {
    const from = hasIdentity(table) ? names.withoutKey : names.withKey;
    return [
        `alter publication ${quoteIdentifier(from)} drop table ${quoteRelation(table)}`,
        addToPublication(names, table),
    ];
}

export function dropPublications(names: readonly string[]): readonly string[] {
    return names.map((name) => `drop publication if exists ${quoteIdentifier(name)}`);
}

/** What our publications are to send, and somebody has taken from them: the statements that give it back. */
export async function restorePublications(
    connection: ServerConnection,
    names: PublicationNames,
): Promise<readonly string[]> {
    const rows = await connection.rows<{ readonly name: string }>(
        `select pubname as name
        from pg_catalog.pg_publication
        where pubname = any ($1)
            and not (pubinsert and pubtruncate and (pubname = $2 or pubupdate and pubdelete))
        order by pubname`,
        [[names.withKey, names.withoutKey], names.withoutKey],
    );
    return rows.map(({ name }) => {
        const kinds = name === names.withoutKey ? 'insert, truncate' : 'insert, update, delete, truncate';
        return `alter publication ${quoteIdentifier(name)} set (publish = '${kinds}')`;
    });
}

/** Those of the names that the server has. */
export async function existingPublications(
    connection: ServerConnection,
    names: readonly string[],
): Promise<readonly string[]> {
    const rows = await connection.rows<{ readonly name: string }>(
        'select pubname as name from pg_catalog.pg_publication where pubname = any ($1) order by pubname',
        [names],
    );
    return rows.map(({ name }) => name);
}
