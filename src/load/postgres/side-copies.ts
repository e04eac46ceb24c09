import type { FactsMessage, PluginMessage, StreamMessage } from '../../capture/postgres/stream-message.ts';
import { EltError } from '../../core/errors.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import { deleteSourceTable, readSourceTables, type SourceTableRow, saveSourceTable } from '../../ledger/sources.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { serverError } from '../../postgres/server-error.ts';
import type { NamedTable } from '../../sql/relation-name.ts';
import { inTransaction } from '../../sqlite/database.ts';
import { SideCopy, type SideCopyContext } from './side-copy.ts';
import { isBeginning } from './stream-decoders.ts';
import type { TableGate } from './table-gate.ts';
import { TableWatch } from './table-watch.ts';

/** How often the ledger is looked at for tables that a command has asked for, and the publications for new ones. */
const REQUESTS_MS = 1_000;
const PUBLICATIONS_MS = 30_000;
/** A copy that failed begins again after so long. */
const AGAIN_MS = 5_000;
const AGAIN_REFUSED_MS = 60_000;

const RELATION = 0x52;

/** Tables that are copied while others are streamed, one after the other. */
export class SideCopies {
    readonly #context: SideCopyContext;
    readonly #gate: TableGate;
    #copy: SideCopy | null = null;
    #requests: readonly SourceTableRow[] = [];
    #lookAt = 0;
    readonly #watch: TableWatch;
    #hasLooked = false;
    #publicationsAt = 0;
    #againAt = 0;
    /** The copy that failed last would fail again. */
    #isRefused = false;
    #said: string | null = null;
    /** Of the transaction under way: its beginning, until something of it is held. */
    #begin: PluginMessage | null = null;
    /** Of each relation that was named: what the server said of it, and its message. */
    readonly #named = new Map<number, readonly [FactsMessage | null, PluginMessage]>();
    #facts: FactsMessage | null = null;
    #isHolding = false;
    #last: StreamMessage | null = null;
    /** The tables that wal2json was asked for when the stream was opened. */
    #told: readonly SourceTableRow[] = [];
    /** A table is to be copied that the stream does not bring: it is opened anew first. */
    #wantsReopening = false;

    constructor(context: SideCopyContext, gate: TableGate) {
        this.#context = context;
        this.#gate = gate;
        this.#watch = new TableWatch(context);
    }

    /** Something is being copied, or is to be, as far as that is known. */
    get isBusy(): boolean {
        const isAsked = this.#requests.length > 0 && !this.#isRefused;
        return !this.#hasLooked || this.#copy !== null || isAsked || this.#gate.unknown.size > 0;
    }

    get wantsReopening(): boolean {
        return this.#wantsReopening;
    }

    /** The stream is opened, with these tables. */
    opened(tables: readonly SourceTableRow[]): void {
        this.#told = tables;
        this.#wantsReopening = false;
    }

    /**
     * Every message of the stream, before its events. What names a relation is kept: it comes once in a connection, and
     * changes that are held later are read by it.
     */
    hear(message: StreamMessage): void {
        if (message.kind === 'facts') {
            this.#facts = message;
            this.#copy?.held.add(message);
        } else if (message.kind === 'plugin') {
            const tag = message.source[message.start];
            if (tag === RELATION && this.#context.source.plugin === 'pgoutput') {
                this.#named.set(message.source.readUInt32BE(message.start + 1), [this.#facts, copyOf(message)]);
                this.#copy?.held.add(message);
            } else if (this.#copy !== null && isBeginning(message)) {
                this.#begin = copyOf(message);
                this.#isHolding = false;
            }
        }
    }

    /** An event that is not to land yet; the end of a transaction is held too, if something of it was. */
    hold(event: StreamEvent, message: StreamMessage): void {
        const held = this.#copy?.held;
        if (held === undefined || message.kind !== 'plugin' || this.#last === message) {
            return;
        }
        if (event.kind === 'change') {
            if (!this.#isHolding && this.#begin !== null) {
                held.add(this.#begin);
                this.#isHolding = true;
            }
            held.add(message);
            // A truncate of several tables is one message.
            this.#last = message;
        } else if (event.kind === 'commit' && this.#isHolding) {
            held.add(message);
            this.#isHolding = false;
        }
    }

    committed(): void {
        this.#copy?.held.mark();
    }

    abandoned(): void {
        this.#copy?.held.undo();
        this.#begin = null;
        this.#isHolding = false;
    }

    /** Between two commits. True: something has landed. */
    async step(place: string | null): Promise<boolean> {
        const now = performance.now();
        if (this.#copy !== null) {
            return await this.#finish(this.#copy, place);
        }
        if (now >= this.#publicationsAt || this.#gate.unknown.size > 0) {
            this.#publicationsAt = now + PUBLICATIONS_MS;
            await this.#look();
            this.#hasLooked = true;
        }
        if (now < this.#lookAt) {
            return false;
        }
        this.#lookAt = now + REQUESTS_MS;
        const { database, source } = this.#context;
        this.#requests = readSourceTables(database, source.source_id).filter(({ state }) => state !== 'streaming');
        const [first] = this.#requests;
        if (first !== undefined && now >= this.#againAt) {
            if (!this.#isBrought(first)) {
                this.#wantsReopening = true;
                this.#lookAt = 0;
                return false;
            }
            this.#copy = new SideCopy(this.#context, first);
            for (const message of [...this.#named.values()].flat()) {
                if (message !== null) {
                    this.#copy.held.add(message);
                }
            }
            this.#copy.held.mark();
            this.#gate.set(first.schema_name, first.table_name, 'held', null);
        }
        return false;
    }

    /** A publication is looked at for each change; wal2json knows the tables from the beginning of the stream. */
    #isBrought({ schema_name: schema, table_name: table }: SourceTableRow): boolean {
        const isTold = this.#told.some((row) => row.schema_name === schema && row.table_name === table);
        return this.#context.source.plugin === 'pgoutput' || isTold;
    }

    close(): void {
        this.#copy?.close();
        this.#copy = null;
    }

    async #finish(copy: SideCopy, place: string | null): Promise<boolean> {
        const { isEnded, error } = copy;
        if (!isEnded || (error === null && copy.isEarly(place))) {
            return false;
        }
        let landed: string | null = null;
        try {
            if (error !== null) {
                throw error;
            }
            landed = await copy.land();
        } catch (failure) {
            this.#failed(copy, failure);
        }
        if (landed !== null) {
            this.#gate.set(copy.schema, copy.table, 'lands', landed);
            this.#context.note(`${copy.schema}.${copy.table} is copied, and followed`);
            this.#said = null;
            this.#isRefused = false;
        }
        this.#lookAt = 0;
        this.close();
        return landed !== null;
    }

    /** What was held is forgotten: the next snapshot has it. A table that was never there is forgotten as well. */
    #failed({ schema, table, isNew }: SideCopy, error: unknown): void {
        if (!(error instanceof EltError)) {
            throw error;
        }
        const isRefused = error.code === 'SOURCE_UNFIT';
        this.#isRefused = isRefused || error.code === 'SOURCE_REFUSED';
        this.#gate.set(schema, table, 'skipped', null);
        const isForgotten = isRefused && isNew;
        // One that is forgotten is not tried again: the next one is not kept waiting.
        if (!isForgotten) {
            this.#againAt = performance.now() + (isRefused ? AGAIN_REFUSED_MS : AGAIN_MS);
        }
        const text = `${schema}.${table} could not be copied: ${error.code}: ${error.message}`;
        if (text !== this.#said) {
            this.#said = text;
            this.#context.note(text);
        }
        if (isForgotten) {
            const { database, source } = this.#context;
            inTransaction(database, () => deleteSourceTable(database, source.source_id, { schema, table }));
            this.#gate.forget(schema, table);
        }
    }

    /** What has become of the tables that are streamed, and which are published now. */
    async #look(): Promise<void> {
        const published = await this.#ask();
        if (published !== null) {
            this.#addNew(published);
        }
    }

    /** Null: the server cannot be reached; the stream notices too, and says so. */
    async #ask(): Promise<readonly NamedTable[] | null> {
        const { address } = this.#context;
        const connection = await ServerConnection.open(address).catch(() => null);
        try {
            return connection === null ? null : await this.#watch.look(connection);
        } catch (error) {
            const known = serverError(error, address, 'look at its tables');
            if (known.code !== 'SOURCE_UNREACHABLE') {
                throw known;
            }
            return null;
        } finally {
            await connection?.close();
        }
    }

    /** Tables that publications have and the ledger has not: they are copied, and followed from then on. */
    #addNew(published: readonly NamedTable[]): void {
        const { database, source, note } = this.#context;
        const known = readSourceTables(database, source.source_id);
        const added = published.filter(
            ({ schema, table }) => !known.some((row) => row.schema_name === schema && row.table_name === table),
        );
        for (const { schema, table } of added) {
            const row = {
                schema_name: schema,
                table_name: table,
                relation_oid: null,
                partitions: null,
                copied_rows: null,
                load_id: null,
            };
            const pending = { ...row, state: 'pending', snapshot_lsn: null } as const;
            inTransaction(database, () => saveSourceTable(database, source.source_id, pending));
            this.#gate.set(schema, table, 'skipped', null);
            note(`${schema}.${table} is published now, and is copied`);
        }
        this.#gate.ignoreUnknown();
        this.#lookAt = 0;
    }
}

/** A message whose bytes stay: those of a batch are good until the next. */
function copyOf(message: PluginMessage): PluginMessage {
    const source = Buffer.from(message.source.subarray(message.start, message.end));
    return { ...message, source, start: 0, end: source.length };
}
