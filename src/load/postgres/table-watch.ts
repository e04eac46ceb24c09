import { publishedNames, tableOids } from '../../capture/postgres/catalogue-reader.ts';
import { shellWord } from '../../core/shell-word.ts';
import { readSourceTables, type SourceRow, type SourceTableRow, saveSourceTable } from '../../ledger/sources.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';
import { type NamedTable, relationText } from '../../sql/relation-name.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';

interface WatchContext {
    readonly database: Database;
    readonly source: SourceRow;
    readonly note: (text: string) => void;
}

/** The tables that are streamed, and what the server has under their names. */
export interface TablesSeen {
    readonly streamed: readonly SourceTableRow[];
    readonly oids: ReadonlyMap<string, number>;
    /** Null: of the plugin that knows no publications. */
    readonly published: ReadonlyMap<string, NamedTable> | null;
}

export async function askTables(
    connection: ServerConnection,
    database: Database,
    { source_id: sourceId, plugin, publications }: SourceRow,
): Promise<TablesSeen> {
    const streamed = readSourceTables(database, sourceId).filter(({ state }) => state === 'streaming');
    const names = streamed.map(({ schema_name: schema, table_name: table }) => ({ schema, table }));
    const published = plugin === 'pgoutput' ? await publishedNames(connection, publications) : null;
    return {
        streamed,
        oids: new Map((await tableOids(connection, names)).map((one) => [keyOf(one), one.oid])),
        published: published === null ? null : new Map(published.map((one) => [keyOf(one), one])),
    };
}

/**
 * What has become of the tables that are streamed. Nothing in a stream says that a table was dropped, created anew under
 * its name, or taken out of a publication: its changes are missing from then on. A new one under the name is copied again;
 * so is one that is published again. The rest is said, once.
 *
 * The ledger keeps the number of each table as it was copied, and null while its changes do not come.
 */
export class TableWatch {
    readonly #context: WatchContext;
    readonly #said = new Set<string>();

    constructor(context: WatchContext) {
        this.#context = context;
    }

    /** What `askTables` has found. */
    hear({ streamed, oids, published }: TablesSeen): void {
        for (const row of streamed) {
            const key = keyOf({ schema: row.schema_name, table: row.table_name });
            this.#judge(row, oids.get(key), published?.has(key) ?? true);
        }
    }

    #judge(row: SourceTableRow, oid: number | undefined, isSent: boolean): void {
        const { owns_publications: isOwn } = this.#context.source;
        const name = relationText(row.schema_name, row.table_name);
        if (oid === undefined) {
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

function keyOf({ schema, table }: NamedTable): string {
    return JSON.stringify([schema, table]);
}
