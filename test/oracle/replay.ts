import type { Coverage } from './coverage.ts';
import { NOTE_PREFIX, type Note } from './step.ts';

/** A value as the stream has it: PostgreSQL's text (numbers as written, booleans `true`, `false`), or null. */
export type StreamValue = string | null;

interface NamedValue {
    readonly name: string;
    readonly value: StreamValue;
}

interface StreamEvent {
    readonly action: 'B' | 'C' | 'I' | 'U' | 'D' | 'T' | 'M';
    readonly schema: string;
    readonly table: string;
    readonly columns?: readonly NamedValue[];
    readonly identity?: readonly NamedValue[];
    readonly prefix?: string;
    readonly content?: string;
}

export interface ReplayedRow {
    readonly cells: Map<string, StreamValue>;
    /** Columns whose value PostgreSQL changed without telling the stream. */
    readonly stale: Set<string>;
    /** True where the stream never gave the whole row. */
    readonly partial: boolean;
}

export interface ReplayedTable {
    readonly schema: string;
    readonly name: string;
    rows: ReplayedRow[];
    /** An update or delete is missing from the stream. */
    untold: boolean;
    /** Rows were written under another name of the table. */
    historyLost: boolean;
    readonly operations: { insert: number; update: number; delete: number; truncate: number };
}

/**
 * What a format 2 stream (with lines as wal2json writes them, types left out) says about every table, worked out in the
 * plainest way: rows in a list, found by comparing their identity. Slow, and independent of everything in `src`.
 */
export class Replay {
    readonly #tables = new Map<string, ReplayedTable>();
    readonly #coverage: Coverage;

    constructor(coverage: Coverage) {
        this.#coverage = coverage;
    }

    get tables(): readonly ReplayedTable[] {
        return [...this.#tables.values()];
    }

    table(schema: string, name: string): ReplayedTable {
        const id = JSON.stringify([schema, name]);
        const known = this.#tables.get(id);
        if (known !== undefined) {
            return known;
        }
        const operations = { insert: 0, update: 0, delete: 0, truncate: 0 };
        const table: ReplayedTable = { schema, name, rows: [], untold: false, historyLost: false, operations };
        this.#tables.set(id, table);
        return table;
    }

    take(line: string): void {
        const event = parseExactly(line) as StreamEvent;
        const apply: Partial<Record<StreamEvent['action'], () => void>> = {
            I: () => this.#insert(event),
            U: () => this.#update(event),
            D: () => this.#delete(event),
            T: () => this.#truncate(event),
            M: () => this.#message(event),
        };
        apply[event.action]?.();
    }

    #insert(event: StreamEvent): void {
        const table = this.table(event.schema, event.table);
        table.operations.insert++;
        table.rows.push({ cells: cellsOf(event.columns), stale: new Set(), partial: false });
    }

    #update(event: StreamEvent): void {
        const table = this.table(event.schema, event.table);
        table.operations.update++;
        const row = findRow(table, event.identity ?? []);
        if (row === undefined) {
            // Written under another name of the table. What the update leaves out stands in the identity, if anywhere.
            const cells = new Map([...cellsOf(event.identity), ...cellsOf(event.columns)]);
            table.rows.push({ cells, stale: new Set(), partial: true });
            return;
        }
        // Long, since a column that was dropped is missing too.
        const absent = [...row.cells].some(
            ([name, value]) => (value?.length ?? 0) > 1_900 && !event.columns?.some((column) => column.name === name),
        );
        const moved = event.identity?.some(({ name, value }) =>
            event.columns?.some((column) => column.name === name && column.value !== value),
        );
        if (absent) {
            this.#coverage.hit(
                moved === true && (event.identity?.length ?? 0) < 4
                    ? 'key update with absent column'
                    : 'update with absent column',
            );
        }
        for (const { name, value } of event.columns ?? []) {
            row.cells.set(name, value);
            row.stale.delete(name);
        }
    }

    #delete(event: StreamEvent): void {
        const table = this.table(event.schema, event.table);
        table.operations.delete++;
        const row = findRow(table, event.identity ?? []);
        if (row === undefined && !table.historyLost && !table.untold) {
            throw new Error(
                `the stream deletes a row of "${event.table}" that it never gave: ${JSON.stringify(event.identity)}`,
            );
        }
        table.rows = table.rows.filter((candidate) => candidate !== row);
    }

    #truncate(event: StreamEvent): void {
        const table = this.table(event.schema, event.table);
        table.operations.truncate++;
        table.rows = [];
    }

    #message(event: StreamEvent): void {
        if (event.prefix !== NOTE_PREFIX) {
            return;
        }
        const { kind, tables, column } = JSON.parse(event.content ?? '') as Note;
        for (const { schema, name } of tables) {
            const table = this.table(schema, name);
            table.untold ||= kind === 'untold';
            table.historyLost ||= kind === 'history-lost';
            for (const row of column === undefined ? [] : table.rows) {
                row.stale.add(column as string);
            }
        }
    }
}

/** JSON with every number as it is written and booleans as their words, so that each value is PostgreSQL's text. */
function parseExactly(line: string): unknown {
    const reviver = (key: string, value: unknown, context?: { source?: string }): unknown =>
        key === 'value' && (typeof value === 'number' || typeof value === 'boolean')
            ? (context?.source ?? String(value))
            : value;
    return JSON.parse(line, reviver as (this: unknown, key: string, value: unknown) => unknown);
}

function cellsOf(columns: readonly NamedValue[] = []): Map<string, StreamValue> {
    return new Map(columns.map(({ name, value }) => [name, value]));
}

/** The row with that identity. What is stale, or was never given, cannot be compared. */
function findRow(table: ReplayedTable, identity: readonly NamedValue[]): ReplayedRow | undefined {
    return table.rows.find((row) =>
        identity.every(({ name, value }) => {
            const unknown = row.stale.has(name) || (row.partial && !row.cells.has(name));
            return unknown || (row.cells.get(name) ?? null) === value;
        }),
    );
}
