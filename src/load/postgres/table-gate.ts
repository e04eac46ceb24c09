import { lsnNumber } from '../../core/lsn.ts';
import type { Shape, StreamEvent } from '../../core/stream-event.ts';
import type { SourceTableRow } from '../../ledger/sources.ts';

/** What becomes of a table's changes: they land, they are in its copy or will be, or they wait for the copy's end. */
export type Passage = 'lands' | 'skipped' | 'held';

interface GateTable {
    readonly schema: string;
    readonly table: string;
    passage: Passage;
    /** Changes of transactions whose commit begins before it are in the copy. */
    snapshot: bigint | null;
}

/**
 * Which changes of a stream land. Each table has a copy, taken at a place of the log of its own: what was committed
 * before that place is in the copy, the rest comes by the stream. The stream itself begins at or before the first copy.
 */
export class TableGate {
    readonly #tables = new Map<string, GateTable>();
    readonly #byShape = new Map<Shape, GateTable>();
    /** Tables that the stream has named and the ledger does not know. */
    readonly unknown = new Map<string, { readonly schema: string; readonly table: string }>();
    /** Where the commit of the transaction under way begins. */
    #position = 0n;

    /** What the ledger says of the tables. */
    constructor(rows: readonly SourceTableRow[]) {
        for (const { schema_name: schema, table_name: table, state, snapshot_lsn: lsn } of rows) {
            // One that is only asked for again continues until its copy begins.
            const isUnbroken = state === 'streaming' || (state === 'pending' && lsn !== null);
            const passage = isUnbroken ? 'lands' : 'skipped';
            this.set(schema, table, passage, lsn);
        }
    }

    set(schema: string, table: string, passage: Passage, snapshotLsn: string | null): void {
        const key = keyOf(schema, table);
        const known = this.#tables.get(key);
        const snapshot = lsnNumber(snapshotLsn);
        if (known === undefined) {
            this.#tables.set(key, { schema, table, passage, snapshot });
        } else {
            known.passage = passage;
            known.snapshot = snapshot;
        }
        this.unknown.delete(key);
        this.#byShape.clear();
    }

    /** What the stream names and nobody wants. */
    ignoreUnknown(): void {
        for (const { schema, table } of [...this.unknown.values()]) {
            this.set(schema, table, 'skipped', null);
        }
    }

    forget(schema: string, table: string): void {
        this.#tables.delete(keyOf(schema, table));
        this.#byShape.clear();
    }

    /** Events come in the order of the stream. */
    passage(event: StreamEvent): Passage {
        if (event.kind === 'begin') {
            this.#position = lsnNumber(event.position) ?? 0n;
            return 'lands';
        }
        if (event.kind !== 'change') {
            return 'lands';
        }
        const table = this.#tableOf(event.shape);
        const isInCopy = table.snapshot !== null && this.#position < table.snapshot;
        return table.passage === 'lands' && isInCopy ? 'skipped' : table.passage;
    }

    #tableOf(shape: Shape): GateTable {
        const known = this.#byShape.get(shape);
        if (known !== undefined) {
            return known;
        }
        const { schema, table } = shape;
        const key = keyOf(schema, table);
        const found = this.#tables.get(key) ?? { schema, table, passage: 'skipped', snapshot: null };
        if (!this.#tables.has(key)) {
            this.unknown.set(key, { schema, table });
        }
        this.#byShape.set(shape, found);
        return found;
    }
}

function keyOf(schema: string, table: string): string {
    return JSON.stringify([schema, table]);
}
