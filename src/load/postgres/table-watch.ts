import { followableTables, publishedNames, type SourceTable } from '../../capture/postgres/catalogue-reader.ts';
import { type NamedRelation, namedRelations } from '../../capture/postgres/named-relations.ts';
import {
    hasIdentity,
    moveInPublications,
    publicationNames,
    restorePublications,
} from '../../capture/postgres/publication.ts';
import { shellWord } from '../../core/shell-word.ts';
import { readSourceTables, type SourceRow, type SourceTableRow, saveSourceTable } from '../../ledger/sources.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';
import { type NamedTable, relationText } from '../../sql/relation-name.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';

/** A larger table is not copied again because of a partition: dropping one each day would copy all others each day. */
const COPIED_AGAIN_BYTES_MAX = 1024 ** 3;

interface WatchContext {
    readonly database: Database;
    readonly source: SourceRow;
    readonly note: (text: string) => void;
}

/** The tables that are streamed, and what the server has under their names. */
interface TablesSeen {
    readonly streamed: readonly SourceTableRow[];
    readonly there: ReadonlyMap<string, NamedRelation>;
    /** By the publication that sends each; null: of the plugin that knows none. */
    readonly published: ReadonlyMap<string, NamedTable & { readonly publication: string }> | null;
}

async function askTables(
    connection: ServerConnection,
    database: Database,
    { source_id: sourceId, plugin, publications }: SourceRow,
): Promise<TablesSeen> {
    const streamed = readSourceTables(database, sourceId).filter(({ state }) => state === 'streaming');
    const there = await namedRelations(connection, streamed.map(nameOfRow));
    const published = plugin === 'pgoutput' ? await publishedNames(connection, publications) : null;
    return {
        streamed,
        there: new Map(there.map((one) => [keyOf(one), one])),
        published: published === null ? null : new Map(published.map((one) => [keyOf(one), one])),
    };
}

/**
 * What has become of the tables that are streamed. Nothing in a stream says that a table was dropped, created anew under
 * its name, or taken out of a publication: its changes are missing from then on. A new one under the name is copied again;
 * so is one that is published again. The rest is said, once. A table that gets a key or loses it goes from one of our
 * publications to the other: else its updates would never come, or the server would refuse them to the application.
 * A partition that was dropped or detached took its rows with it, and no change says so: its table is copied again, unless
 * it is so large that a person should decide.
 *
 * The ledger keeps the number of each table as it was copied, and null while its changes do not come.
 */
export class TableWatch {
    readonly #context: WatchContext;
    readonly #copiedAgainBytesMax: number;
    readonly #said = new Set<string>();

    constructor(context: WatchContext, copiedAgainBytesMax = COPIED_AGAIN_BYTES_MAX) {
        this.#context = context;
        this.#copiedAgainBytesMax = copiedAgainBytesMax;
    }

    /** Returns the tables that publications send. @throws what the connection throws. */
    async look(connection: ServerConnection): Promise<readonly NamedTable[]> {
        const { database, source } = this.#context;
        const seen = await askTables(connection, database, source);
        await this.#tellUnsent(connection);
        await this.#move(connection, seen);
        const now = new Map(readSourceTables(database, source.source_id).map((row) => [keyOf(nameOfRow(row)), row]));
        for (const { schema_name: schema, table_name: table } of seen.streamed) {
            const key = keyOf({ schema, table });
            const row = now.get(key);
            if (row?.state === 'streaming') {
                this.#judge(row, seen.there.get(key), seen.published?.has(key) ?? true);
            }
        }
        return [...(seen.published?.values() ?? [])];
    }

    async #tellUnsent(connection: ServerConnection): Promise<void> {
        const { source } = this.#context;
        if (source.owns_publications && source.plugin === 'pgoutput') {
            for (const sql of await restorePublications(connection, publicationNames(source.slot))) {
                this.#say(
                    `somebody has changed what a publication sends, and changes are missing: ${sql}; then "elt source resnapshot --all" takes all tables again`,
                );
            }
        }
    }

    /** Gives tables to the publication that they belong in by now. */
    async #move(connection: ServerConnection, { streamed, there, published }: TablesSeen): Promise<void> {
        const { source } = this.#context;
        const names = publicationNames(source.slot);
        const misplaced = streamed.filter((row) => {
            const key = keyOf(nameOfRow(row));
            const found = there.get(key);
            const now = published?.get(key)?.publication;
            return found !== undefined && now === (found.hasIdentity ? names.withoutKey : names.withKey);
        });
        if (misplaced.length === 0 || !source.owns_publications) {
            return;
        }
        const tables = await followableTables(connection, source.plugin);
        for (const row of misplaced) {
            const table = tables.find(({ oid }) => oid === there.get(keyOf(nameOfRow(row)))?.oid);
            const now = published?.get(keyOf(nameOfRow(row)))?.publication;
            if (table !== undefined && now === (hasIdentity(table) ? names.withoutKey : names.withKey)) {
                await this.#moveOne(connection, row, table);
            }
        }
    }

    async #moveOne(connection: ServerConnection, row: SourceTableRow, table: SourceTable): Promise<void> {
        const name = relationText(row.schema_name, row.table_name);
        const hasKey = hasIdentity(table);
        const statements = moveInPublications(publicationNames(this.#context.source.slot), table);
        if (hasKey) {
            // Updates and deletes are missing: a crash from here on does not make that forgotten.
            this.#save({ ...row, relation_oid: null });
        }
        try {
            // The stream waits meanwhile; the next look tries again.
            await connection.rows(['begin', "set local lock_timeout = '2s'", ...statements, 'commit'].join('; '));
        } catch (error) {
            await connection.rows('rollback');
            this.#save(row);
            const effect = hasKey
                ? 'has a key now, but its updates and deletes do not come'
                : 'has no key any more, and the server refuses its updates and deletes to the application';
            this.#say(
                `${name} ${effect}: ${(error as Error).message}; a role that may has to run: ${statements.join('; ')}`,
            );
            return;
        }
        if (hasKey) {
            this.#takeAgain(row, `${name} has a key now: it is copied again, and its updates and deletes come`);
        } else {
            this.#context.note(
                `${name} has no key any more: its inserts and truncates come, updates and deletes do not`,
            );
        }
    }

    #judge(row: SourceTableRow, found: NamedRelation | undefined, isSent: boolean): void {
        const oid = found?.oid;
        const { owns_publications: isOwn } = this.#context.source;
        const name = relationText(row.schema_name, row.table_name);
        if (found === undefined) {
            this.#say(`${name} is not in the server any more: its rows stay as they are`);
        } else if (row.relation_oid !== null && oid !== row.relation_oid && (isSent || isOwn)) {
            this.#takeAgain(row, `${name} was created anew in the server, and is copied again`);
        } else if (isSent && row.relation_oid === null) {
            this.#takeAgain(row, `${name} is published again, and is copied again`);
        } else if (!isSent) {
            this.#save({ ...row, relation_oid: null });
            const next = isOwn
                ? `"elt source resnapshot ${shellWord(name)}" publishes it and copies it again`
                : 'when it is published again, it is copied again';
            this.#say(`${name} is in no publication any more, so its changes do not come: ${next}`);
        } else {
            this.#judgePartitions(row, found);
        }
    }

    #judgePartitions(row: SourceTableRow, { partitions, bytes }: NamedRelation): void {
        const known = row.partitions === null ? [] : (JSON.parse(row.partitions) as number[]);
        const name = relationText(row.schema_name, row.table_name);
        if (known.every((one) => partitions.includes(one))) {
            if (partitions.length > known.length) {
                this.#save({ ...row, partitions: JSON.stringify(partitions) });
            }
            return;
        }
        const what = `a partition of ${name} was dropped or detached, and its rows are no rows of the table any more`;
        if (bytes <= this.#copiedAgainBytesMax) {
            this.#takeAgain(row, `${what}: it is copied again`);
        } else {
            const command = `"elt source resnapshot ${shellWord(name)}"`;
            this.#say(`${what}, but stay here: ${command} copies it again`);
        }
    }

    #takeAgain(row: SourceTableRow, text: string): void {
        this.#save({ ...row, state: 'pending' });
        this.#context.note(text);
    }

    #say(text: string): void {
        if (!this.#said.has(text)) {
            this.#said.add(text);
            this.#context.note(text);
        }
    }

    #save(row: SourceTableRow): void {
        const { database, source } = this.#context;
        inTransaction(database, () => saveSourceTable(database, source.source_id, row));
    }
}

function nameOfRow({ schema_name: schema, table_name: table }: SourceTableRow): NamedTable {
    return { schema, table };
}

function keyOf({ schema, table }: NamedTable): string {
    return JSON.stringify([schema, table]);
}
