import type { PublishedTable, SourceTable } from '../../capture/postgres/catalogue-reader.ts';
import { checkServer } from '../../capture/postgres/check-server.ts';
import { checkTables } from '../../capture/postgres/check-tables.ts';
import { type MetServer, meetServer } from '../../capture/postgres/meet-server.ts';
import { createPublications, existingPublications, publicationNames } from '../../capture/postgres/publication.ts';
import type { SourceFinding } from '../../capture/postgres/source-finding.ts';
import { EltError } from '../../core/errors.ts';
import { insertSource, readSource, type SourceRow, saveSourceTable } from '../../ledger/sources.ts';
import { nameOf } from '../../postgres/server-address.ts';
import { serverError } from '../../postgres/server-error.ts';
import { failpoint } from '../../process/failpoint.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { slotName } from './slot-name.ts';
import type { SourceOptions } from './source-options.ts';
import { wantedTables } from './wanted-tables.ts';

/** What `elt source check` reports. */
export interface CheckedSource {
    readonly findings: readonly SourceFinding[];
    readonly tables: readonly (SourceTable | PublishedTable)[];
}

/** Everything that could go wrong, before anything is made. */
export async function checkSource(options: SourceOptions): Promise<CheckedSource & { readonly version: string }> {
    const server = await meetServer(options.address);
    try {
        return { ...(await checkMet(server, options)), version: server.facts.version };
    } finally {
        await server.connection.close();
    }
}

/** Everything that matters before a source is followed, and what would be followed. */
async function checkMet(server: MetServer, options: SourceOptions): Promise<CheckedSource> {
    const { connection, address, facts } = server;
    const { plugin, publications } = options;
    const hasPublication = publications.length > 0;
    const ofServer = await checkServer(connection, address, facts, { plugin, hasSlot: false, hasPublication });
    const wanted = { tables: options.tables, publications, plugin, major: facts.major };
    const tables = await wantedTables(connection, wanted);
    const makesPublication = !hasPublication && plugin === 'pgoutput';
    return { findings: [...ofServer, ...checkTables(tables, address, facts, { makesPublication })], tables };
}

/**
 * Writes down what is about to be made, before anything is made in the server: a crash leaves nothing there that the
 * database does not name.
 * @throws EltError SOURCE_UNFIT with the SQL that changes it.
 */
export async function intendSource(
    database: Database,
    server: MetServer,
    options: SourceOptions,
    note: (finding: SourceFinding) => void,
): Promise<SourceRow> {
    const { address, history } = server;
    const { findings, tables } = await checkMet(server, options);
    const refusal = findings.find(({ refuses }) => refuses);
    if (refusal !== undefined) {
        throw unfit(refusal);
    }
    for (const finding of findings) {
        note(finding);
    }
    const slot = options.slot ?? slotName(options.pipeline);
    const own = publicationNames(slot);
    const isOwn = options.publications.length === 0;
    inTransaction(database, () => {
        const sourceId = insertSource(database, {
            name: nameOf(address),
            plugin: options.plugin,
            slot,
            publications: isOwn ? [own.withKey, own.withoutKey] : options.publications,
            owns_publications: isOwn,
            system_id: history.systemId,
            database_oid: history.databaseOid,
            timeline: history.timeline,
        });
        for (const { schema, table, oid } of tables) {
            saveSourceTable(database, sourceId, {
                schema_name: schema,
                table_name: table,
                relation_oid: oid,
                partitions: null,
                state: 'pending',
                snapshot_lsn: null,
                copied_rows: null,
                load_id: null,
            });
        }
    });
    failpoint('source intended');
    return readSource(database) as SourceRow;
}

/** Creates the publications of ours that are not there yet. */
export async function makePublications(
    { connection, address }: MetServer,
    source: SourceRow,
    tables: readonly SourceTable[],
): Promise<void> {
    if (!source.owns_publications || source.plugin !== 'pgoutput') {
        return;
    }
    const names = publicationNames(source.slot);
    const there = await existingPublications(connection, source.publications);
    try {
        for (const sql of createPublications(names, tables)) {
            if (!there.some((name) => sql.startsWith(`create publication "${name}" `))) {
                await connection.rows(sql);
            }
        }
    } catch (error) {
        throw serverError(error, address, 'create a publication');
    }
    failpoint('publications created');
}

export function unfit({ subject, finding, effect, sql }: SourceFinding): EltError {
    return new EltError({
        code: 'SOURCE_UNFIT',
        message: `the source cannot be followed: ${subject} ${finding}`,
        found: effect,
        state: 'nothing was made in the server, and nothing was landed',
        next: sql.length === 0 ? 'see "elt source check"' : `let a role that may run these:\n${sql.join('\n')}`,
    });
}
