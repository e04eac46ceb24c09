/**
 * One table of a small PostgreSQL whose key moves, and what wal2json writes of it in both formats. Rows are what
 * PostgreSQL would have; the stream tells only what wal2json tells (source: captured from PostgreSQL 15 with wal2json
 * 2.5): format 1 leaves null columns out of whole old rows, and names the primary key only where it is the identity.
 */

export type Cell = string | number | null;
export type CellsByName = Readonly<Record<string, Cell>>;

export interface MovingColumn {
    readonly name: string;
    readonly type: string;
}

export type Identity =
    | { readonly kind: 'default' | 'full' | 'nothing' }
    | { readonly kind: 'index'; readonly columns: readonly string[] };

interface Written {
    readonly op: 'insert' | 'update' | 'delete' | 'truncate';
    readonly table: string;
    readonly columns: readonly MovingColumn[];
    readonly primaryKey: readonly string[];
    readonly identity: Identity;
    readonly now: CellsByName | null;
    readonly old: CellsByName | null;
}

export class MovingTable {
    readonly name: string;
    columns: readonly MovingColumn[];
    primaryKey: readonly string[];
    identity: Identity = { kind: 'default' };
    rows: Record<string, Cell>[] = [];
    readonly written: Written[] = [];

    constructor(columns: readonly MovingColumn[], primaryKey: readonly string[], name = 't') {
        this.name = name;
        this.columns = columns;
        this.primaryKey = primaryKey;
    }

    insert(...rows: readonly CellsByName[]): this {
        for (const row of rows) {
            const whole = Object.fromEntries(this.columns.map(({ name }) => [name, row[name] ?? null]));
            this.rows.push(whole);
            this.#write('insert', whole, null);
        }
        return this;
    }

    update(where: CellsByName, set: CellsByName): this {
        for (const row of this.rows.filter((one) => holds(one, where))) {
            const old = { ...row };
            Object.assign(row, set);
            this.#write('update', row, old);
        }
        return this;
    }

    delete(where: CellsByName): this {
        for (const row of this.rows.filter((one) => holds(one, where))) {
            this.rows.splice(this.rows.indexOf(row), 1);
            this.#write('delete', null, row);
        }
        return this;
    }

    truncate(): this {
        this.rows = [];
        this.#write('truncate', null, null);
        return this;
    }

    /** `alter table`: nothing of it is in the stream. */
    key(...columns: readonly string[]): this {
        this.primaryKey = columns;
        return this;
    }

    replicaIdentity(identity: Identity): this {
        this.identity = identity;
        return this;
    }

    /** `value` is the default that the rows get without a word. */
    add(column: MovingColumn, value: (row: CellsByName) => Cell = () => null): this {
        this.columns = [...this.columns, column];
        for (const row of this.rows) {
            row[column.name] = value(row);
        }
        return this;
    }

    drop(name: string): this {
        this.columns = this.columns.filter((column) => column.name !== name);
        this.primaryKey = this.primaryKey.includes(name) ? [] : this.primaryKey;
        for (const row of this.rows) {
            delete row[name];
        }
        return this;
    }

    rename(from: string, to: string): this {
        const renamed = (name: string): string => (name === from ? to : name);
        this.columns = this.columns.map((column) => ({ ...column, name: renamed(column.name) }));
        this.primaryKey = this.primaryKey.map(renamed);
        this.rows = this.rows.map((row) =>
            Object.fromEntries(Object.entries(row).map(([name, cell]) => [renamed(name), cell])),
        );
        return this;
    }

    retype(name: string, type: string, convert: (cell: Cell) => Cell): this {
        this.columns = this.columns.map((column) => (column.name === name ? { name, type } : column));
        for (const row of this.rows) {
            row[name] = convert(row[name] ?? null);
        }
        return this;
    }

    /** `drop table` and `create table` under the same name. */
    recreate(columns: readonly MovingColumn[], primaryKey: readonly string[]): this {
        this.columns = columns;
        this.primaryKey = primaryKey;
        this.identity = { kind: 'default' };
        this.rows = [];
        return this;
    }

    #write(op: Written['op'], now: CellsByName | null, old: CellsByName | null): void {
        const { columns, primaryKey, identity, name: table } = this;
        const isTold = op === 'insert' || op === 'truncate' || identityNames(identity, primaryKey, columns).length > 0;
        if (isTold) {
            const copy = (row: CellsByName | null): CellsByName | null => (row === null ? null : { ...row });
            this.written.push({ op, table, columns, primaryKey, identity, now: copy(now), old: copy(old) });
        }
    }
}

function holds(row: CellsByName, where: CellsByName): boolean {
    return Object.entries(where).every(([name, cell]) => row[name] === cell);
}

function identityNames(
    identity: Identity,
    primaryKey: readonly string[],
    columns: readonly MovingColumn[],
): readonly string[] {
    const order = columns.map(({ name }) => name);
    const named = { default: primaryKey, full: order, nothing: [], index: [] }[identity.kind];
    const wanted = identity.kind === 'index' ? identity.columns : named;
    return order.filter((name) => wanted.includes(name));
}

export interface StreamOptions {
    readonly format: 1 | 2;
    /** Captured with include-pk; true if not given. */
    readonly withPrimaryKey?: boolean;
    /** The number of the first transaction. */
    readonly first?: number;
}

/** What has been written since `from`, each change a transaction of its own. */
export function streamOf(table: MovingTable, options: StreamOptions, from = 0): string {
    return linesOf(table.written.slice(from), options);
}

/** Changes of several tables, in turn. */
export function linesOf(
    written: readonly Written[],
    { format, withPrimaryKey = true, first = 1 }: StreamOptions,
): string {
    return written
        .flatMap((one, index) => {
            const number = first + index;
            return format === 2 ? format2(one, number, withPrimaryKey) : format1(one, number, withPrimaryKey);
        })
        .map((record) => `${JSON.stringify(record)}\n`)
        .join('');
}

function format2(one: Written, number: number, withPrimaryKey: boolean): object[] {
    const { op, columns, primaryKey, identity, now, old } = one;
    const lsn = `0/${(number * 256).toString(16).toUpperCase()}`;
    const ends = { xid: number, lsn, nextlsn: `0/${(number * 256 + 128).toString(16).toUpperCase()}` };
    const cells = (row: CellsByName, names: readonly string[]) =>
        columns.filter(({ name }) => names.includes(name)).map((column) => ({ ...column, value: row[column.name] }));
    const change = {
        action: { insert: 'I', update: 'U', delete: 'D', truncate: 'T' }[op],
        xid: number,
        lsn,
        schema: 'public',
        table: one.table,
        ...(now === null
            ? {}
            : {
                  columns: cells(
                      now,
                      columns.map(({ name }) => name),
                  ),
              }),
        ...(old === null ? {} : { identity: cells(old, identityNames(identity, primaryKey, columns)) }),
        ...(withPrimaryKey && op !== 'truncate' ? { pk: columns.filter(({ name }) => primaryKey.includes(name)) } : {}),
    };
    return [{ action: 'B', ...ends }, change, { action: 'C', ...ends }];
}

function format1(one: Written, number: number, withPrimaryKey: boolean): object[] {
    const { op, columns, primaryKey, identity, now, old } = one;
    if (op === 'truncate') {
        return [];
    }
    const isWhole = identity.kind === 'full';
    const names = identityNames(identity, primaryKey, columns).filter((name) => !isWhole || old?.[name] !== null);
    const typeOf = (name: string): string => columns.find((column) => column.name === name)?.type ?? '';
    const showsKey = withPrimaryKey && identity.kind === 'default' && primaryKey.length > 0;
    const keyInOrder = columns.map(({ name }) => name).filter((name) => primaryKey.includes(name));
    const change = {
        kind: op,
        schema: 'public',
        table: one.table,
        ...(now === null
            ? {}
            : {
                  columnnames: columns.map(({ name }) => name),
                  columntypes: columns.map(({ type }) => type),
                  columnvalues: columns.map(({ name }) => now[name]),
              }),
        ...(showsKey ? { pk: { pknames: keyInOrder, pktypes: keyInOrder.map(typeOf) } } : {}),
        ...(old === null
            ? {}
            : {
                  oldkeys: {
                      keynames: names,
                      keytypes: names.map(typeOf),
                      keyvalues: names.map((name) => old[name]),
                  },
              }),
    };
    return [{ xid: number, nextlsn: `0/${(number * 256 + 128).toString(16).toUpperCase()}`, change: [change] }];
}
