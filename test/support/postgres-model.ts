import fc from 'fast-check';

/** A small PostgreSQL in memory: tables that obey their keys, and the stream that wal2json would give of them. */

export interface ModelColumn {
    readonly name: string;
    readonly type: string;
    /** Values to choose from; a key's are few, so that histories meet again and again. */
    readonly pool: readonly Value[];
    /** An update may leave it out while it is unchanged, as TOAST does. */
    readonly toasted: boolean;
}

export interface ModelTable {
    readonly name: string;
    readonly key: readonly string[];
    readonly columns: readonly ModelColumn[];
}

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;

/** What a random history says, before it is known which rows there are. Numbers choose among what there is. */
export interface Action {
    readonly kind: 'insert' | 'update' | 'move' | 'delete' | 'reinsert' | 'truncate';
    readonly table: number;
    readonly row: number;
    /** One a column; `same` of ten keeps the column as it is. */
    readonly choices: readonly number[];
    /** Which unchanged columns an update leaves out, as bits. */
    readonly leftOut: number;
    /** What the old identity shows: the key where it changed, always, or the whole row. */
    readonly identity: 'changed' | 'always' | 'full';
}

/** A change as the stream has it, without its place. */
export type Change = Readonly<Record<string, unknown>>;

export const transactions: fc.Arbitrary<readonly (readonly Action[])[]> = fc.array(
    fc.array(
        fc.record({
            // Mostly inserts: where tables are nearly empty, joins are empty, and a wrong mart is right by chance.
            kind: fc.oneof(
                { weight: 26, arbitrary: fc.constant('insert' as const) },
                { weight: 24, arbitrary: fc.constant('update' as const) },
                { weight: 8, arbitrary: fc.constant('move' as const) },
                { weight: 5, arbitrary: fc.constant('delete' as const) },
                { weight: 4, arbitrary: fc.constant('reinsert' as const) },
                { weight: 1, arbitrary: fc.constant('truncate' as const) },
            ),
            table: fc.nat({ max: 11 }),
            row: fc.nat({ max: 50 }),
            choices: fc.array(fc.nat({ max: 60 }), { minLength: 8, maxLength: 8 }),
            leftOut: fc.nat({ max: 255 }),
            identity: fc.constantFrom('changed', 'always', 'full'),
        }),
        { minLength: 1, maxLength: 5 },
    ),
    // Longer than fast-check would choose: what matters needs rows that were there before.
    { minLength: 1, maxLength: 24, size: 'max' },
);

export class PostgresModel {
    readonly tables: readonly ModelTable[];
    readonly rows: ReadonlyMap<string, Map<string, Row>>;

    constructor(tables: readonly ModelTable[], rows?: ReadonlyMap<string, Map<string, Row>>) {
        this.tables = tables;
        this.rows = rows ?? new Map(tables.map((table) => [table.name, new Map()]));
    }

    /** The state as it is now, to compare with later. */
    snapshot(): PostgresModel {
        return new PostgresModel(this.tables, new Map([...this.rows].map(([name, rows]) => [name, new Map(rows)])));
    }

    table(name: string): readonly Row[] {
        return [...(this.rows.get(name) ?? new Map<string, Row>()).values()];
    }

    /** Does what the action says as far as the rows allow it; returns the changes that the stream shows. */
    apply(action: Action): readonly Change[] {
        const table = this.tables[action.table % this.tables.length] as ModelTable;
        const rows = this.rows.get(table.name) as Map<string, Row>;
        const keys = [...rows.keys()];
        const chosen = keys.length === 0 ? undefined : rows.get(keys[action.row % keys.length] as string);
        switch (action.kind) {
            case 'insert':
                return this.#insert(table, rows, chooseRow(table, action));
            case 'truncate':
                rows.clear();
                return [{ action: 'T', schema: 'public', table: table.name }];
            case 'delete':
                return chosen === undefined ? [] : this.#delete(table, rows, chosen, action);
            case 'reinsert': {
                if (chosen === undefined) {
                    return [];
                }
                const again = { ...chooseRow(table, action), ...pick(chosen, table.key) };
                return [...this.#delete(table, rows, chosen, action), ...this.#insert(table, rows, again)];
            }
            default:
                return chosen === undefined ? [] : this.#update(table, rows, chosen, action);
        }
    }

    #insert(table: ModelTable, rows: Map<string, Row>, row: Row): readonly Change[] {
        const key = keyText(table, row);
        if (rows.has(key)) {
            return [];
        }
        rows.set(key, row);
        return [{ action: 'I', schema: 'public', table: table.name, columns: shown(table, row) }];
    }

    #delete(table: ModelTable, rows: Map<string, Row>, row: Row, action: Action): readonly Change[] {
        rows.delete(keyText(table, row));
        const names = action.identity === 'full' ? undefined : table.key;
        return [{ action: 'D', schema: 'public', table: table.name, identity: shown(table, row, names) }];
    }

    #update(table: ModelTable, rows: Map<string, Row>, before: Row, action: Action): readonly Change[] {
        const wanted = chooseRow(table, action);
        const kept = action.kind === 'move' ? [] : table.key;
        const after: Record<string, Value> = { ...before };
        for (const [index, { name }] of table.columns.entries()) {
            const keeps = kept.includes(name) || (!table.key.includes(name) && (action.choices[index] ?? 0) % 3 === 0);
            after[name] = keeps ? (before[name] as Value) : (wanted[name] as Value);
        }
        const [oldKey, newKey] = [keyText(table, before), keyText(table, after)];
        if (oldKey !== newKey && rows.has(newKey)) {
            return [];
        }
        rows.delete(oldKey);
        rows.set(newKey, after);
        return [updateChange(table, before, after, action, oldKey !== newKey)];
    }
}

function updateChange(table: ModelTable, before: Row, after: Row, action: Action, moves: boolean): Change {
    const present = table.columns
        .filter(
            ({ name, toasted }, index) => !toasted || before[name] !== after[name] || !(action.leftOut & (1 << index)),
        )
        .map(({ name }) => name);
    const missesKey = table.key.some((name) => !present.includes(name));
    const showsKey = moves || missesKey || action.identity !== 'changed';
    const names = action.identity === 'full' ? undefined : table.key;
    return {
        action: 'U',
        schema: 'public',
        table: table.name,
        columns: shown(table, after, present),
        ...(showsKey ? { identity: shown(table, before, names) } : {}),
    };
}

export function keyText(table: ModelTable, row: Row): string {
    return JSON.stringify(table.key.map((name) => row[name]));
}

function chooseRow(table: ModelTable, action: Action): Row {
    return Object.fromEntries(
        table.columns.map(({ name, pool }, index) => [name, pool[(action.choices[index] ?? 0) % pool.length] ?? null]),
    );
}

function shown(table: ModelTable, row: Row, names?: readonly string[]) {
    return table.columns
        .filter(({ name }) => names === undefined || names.includes(name))
        .map(({ name, type }) => ({ name, type, value: row[name] ?? null }));
}

function pick(row: Row, names: readonly string[]): Row {
    return Object.fromEntries(names.map((name) => [name, row[name] ?? null]));
}

/** The lines of one transaction in format 2; `number` makes its xid and its place in the log. */
export function transactionLines(changes: readonly Change[], number: number): string[] {
    const lsn = (row: number): string => `0/${(number * 4096 + row).toString(16).toUpperCase()}`;
    const ends = { xid: number, lsn: lsn(4000), nextlsn: lsn(4048) };
    return [
        JSON.stringify({ action: 'B', ...ends }),
        ...changes.map((change, index) => JSON.stringify({ ...change, xid: number, lsn: lsn(index) })),
        JSON.stringify({ action: 'C', ...ends }),
    ];
}
