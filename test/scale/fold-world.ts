import fc from 'fast-check';
import type { Dialect } from '../../src/scale/dialects/dialect.ts';
import { oldName } from '../../src/scale/fold/fold-names.ts';
import type { StagedHistory } from '../../src/scale/fold/staged-history.ts';
import { labelPath, quoteName } from '../../src/sql/quote.ts';
import type { Database } from '../../src/sqlite/database.ts';
import type { CurrentSpec } from '../../src/transform/current/current-spec.ts';
import { currentSql } from '../../src/transform/current/current-sql.ts';
import { load, runByHand } from '../support/bench-database.ts';

/**
 * Random histories of one table, whether or not PostgreSQL would send them: every change at any key, there or not. What
 * elt's own fold makes of them is what another engine must make of them.
 */
export interface FoldTable {
    readonly name: string;
    readonly columns: readonly { readonly name: string; readonly type: string; readonly pool: readonly unknown[] }[];
    readonly key: readonly string[];
}

export const FOLD_TABLES: readonly FoldTable[] = [
    {
        name: 'letter',
        key: ['id'],
        columns: [
            { name: 'id', type: 'text', pool: ['a', 'b', 'c', 'd', 'A', "e'"] },
            { name: 'label', type: 'text', pool: ['x', '', null, 'it\\s', '7'] },
            { name: 'cents', type: 'bigint', pool: [1, -2, 9007199254740991, null] },
        ],
    },
    {
        name: 'number',
        key: ['id'],
        columns: [
            { name: 'id', type: 'bigint', pool: [1, 2, 3, 4, 10] },
            { name: 'share', type: 'double precision', pool: [0.5, -1.25, null] },
            { name: 'select', type: 'text', pool: ['x', 'y', null] },
            { name: 'odd, name', type: 'text', pool: ['p', 'q', null] },
        ],
    },
    {
        name: 'pair',
        key: ['region', 'number'],
        columns: [
            { name: 'region', type: 'text', pool: ['n', 's'] },
            { name: 'number', type: 'bigint', pool: [1, 2, 3] },
            { name: 'note', type: 'text', pool: ['x', 'y', null] },
            { name: 'weight', type: 'integer', pool: [0, 5, null] },
        ],
    },
];

/** How often what happens: most histories of real tables have few updates that leave columns out, some hardly others. */
export interface FoldMix {
    readonly insert: number;
    readonly update: number;
    readonly remove: number;
    readonly truncate: number;
    /** Of ten updates, how many leave columns out. */
    readonly absent: number;
    /** Of ten updates, how many give the row another key. */
    readonly move: number;
}

export interface FoldPlan {
    readonly table: number;
    readonly mix: FoldMix;
    readonly changes: readonly (readonly number[])[];
    /** The last transaction is cut after so many of its changes; 0: it is whole. */
    readonly cut: number;
}

export const foldPlans: fc.Arbitrary<FoldPlan> = fc.record({
    table: fc.nat({ max: FOLD_TABLES.length - 1 }),
    mix: fc.record({
        insert: fc.constantFrom(1, 2, 4),
        update: fc.integer({ min: 4, max: 12 }),
        remove: fc.constantFrom(0, 1, 2, 5),
        truncate: fc.constantFrom(0, 0, 1),
        absent: fc.constantFrom(0, 3, 6, 9, 10),
        move: fc.constantFrom(0, 3, 6, 9),
    }),
    changes: fc.array(fc.array(fc.noBias(fc.nat({ max: 9_999 })), { minLength: 12, maxLength: 12 }), {
        minLength: 1,
        maxLength: 100,
        size: 'max',
    }),
    cut: fc.constantFrom(0, 0, 1, 2),
});

/** The stream of a plan in wal2json's format 2. */
export function foldLines({ table: index, mix, changes, cut }: FoldPlan): string[] {
    const table = FOLD_TABLES[index] as FoldTable;
    const lines: string[] = [];
    for (let at = 0, number = 1; at < changes.length; at += 3, number++) {
        const rows = changes.slice(at, at + 3).map((choices) => changeOf(table, mix, choices));
        const isCut = cut > 0 && at + 3 >= changes.length;
        const ends = { xid: number, lsn: lsn(number, 4000), nextlsn: lsn(number, 4048) };
        lines.push(JSON.stringify({ action: 'B', ...ends }));
        for (const [row, change] of (isCut ? rows.slice(0, cut) : rows).entries()) {
            lines.push(
                JSON.stringify({ ...change, schema: 'public', table: table.name, xid: number, lsn: lsn(number, row) }),
            );
        }
        if (!isCut) {
            lines.push(JSON.stringify({ action: 'C', ...ends }));
        }
    }
    return lines;
}

function lsn(transaction: number, row: number): string {
    return `0/${(transaction * 4096 + row).toString(16).toUpperCase()}`;
}

function changeOf(table: FoldTable, mix: FoldMix, choices: readonly number[]) {
    const of = (at: number, below: number): number => (choices[at] ?? 0) % below;
    const row = table.columns.map(({ name, type, pool }, at) => ({ name, type, value: pool[of(at + 3, pool.length)] }));
    const other = table.columns.map(({ name, type, pool }, at) => ({
        name,
        type,
        value: pool[of(at + 7, pool.length)],
    }));
    const isKey = ({ name }: { readonly name: string }): boolean => table.key.includes(name);
    let kind = of(0, mix.insert + mix.update + mix.remove + mix.truncate);
    if (kind < mix.insert) {
        return { action: 'I', columns: row };
    }
    kind -= mix.insert;
    if (kind < mix.remove) {
        return { action: 'D', identity: row.filter(isKey) };
    }
    if (kind < mix.remove + mix.truncate) {
        return of(1, 3) === 0 ? { action: 'T' } : { action: 'I', columns: row };
    }
    const absent = of(1, 10) < mix.absent ? 1 + of(11, 2 ** (table.columns.length - table.key.length) - 1) : 0;
    const rest = row.filter((column) => !isKey(column));
    const present = row.filter((column) => isKey(column) || (absent & (1 << rest.indexOf(column))) === 0);
    return { action: 'U', columns: present, ...(of(2, 10) < mix.move ? { identity: other.filter(isKey) } : {}) };
}

/** Lands a plan and folds it as elt does. */
export async function foldedBySqlite(database: Database, plan: FoldPlan): Promise<CurrentSpec> {
    const table = FOLD_TABLES[plan.table] as FoldTable;
    const types: Readonly<Record<string, 'INTEGER' | 'REAL' | 'TEXT'>> = {
        bigint: 'INTEGER',
        integer: 'INTEGER',
        'double precision': 'REAL',
        text: 'TEXT',
    };
    const whole = {
        action: 'I',
        columns: table.columns.map(({ name, type, pool }) => ({ name, type, value: pool[0] })),
    };
    const first = JSON.stringify({ ...whole, schema: 'public', table: table.name, xid: 1, lsn: lsn(0, 1) });
    const ends = { xid: 1, lsn: lsn(0, 4000), nextlsn: lsn(0, 4048) };
    const lines = [
        JSON.stringify({ action: 'B', ...ends }),
        first,
        JSON.stringify({ action: 'C', ...ends }),
        ...foldLines(plan).map((line) => line.replace(/"xid":(\d+)/, (_, xid) => `"xid":${Number(xid) + 1}`)),
    ];
    await load(database, `${lines.join('\n')}\n`);
    const spec: CurrentSpec = {
        tail: table.name,
        schema: 'public',
        table: table.name,
        key: table.key,
        columns: table.columns.map(({ name, type }) => ({ name, type: types[type] ?? 'TEXT' })),
    };
    runByHand(database, currentSql(spec));
    return spec;
}

/** The statements that give an engine the staged changes, as a lake has them. */
export function stagedSql(database: Database, dialect: Dialect, spec: CurrentSpec): string[] {
    const olds = spec.key.map((name) => `_old_key ->> ${labelPath(name)} as ${quoteName(oldName(name))}`);
    const columns = spec.columns.map(({ name }) => quoteName(name));
    const rows = database
        .prepare(`select _seq, _op, _absent, ${[...olds, ...columns].join(', ')} from ${quoteName(`stg_${spec.tail}`)}`)
        .raw()
        .safeIntegers()
        .all() as unknown[][];
    const typeOf = (name: string): string =>
        dialect.declared(spec.columns.find((one) => one.name === name)?.type ?? 'TEXT');
    const declared = [
        `_seq ${dialect.declared('INTEGER')}`,
        `_op ${dialect.declared('TEXT')}`,
        `_absent ${dialect.declared('TEXT')}`,
        ...spec.key.map((name) => `${dialect.name(oldName(name))} ${typeOf(name)}`),
        ...spec.columns.map(({ name }) => `${dialect.name(name)} ${typeOf(name)}`),
    ];
    const table = dialect.name(`staged_${spec.tail}`);
    const literal = (value: unknown): string =>
        value === null ? 'null' : typeof value === 'string' ? dialect.text(value) : String(value);
    const create = `create table ${table} (${declared.join(', ')})`;
    const values = rows.map((row) => `(${row.map(literal).join(', ')})`);
    return values.length === 0 ? [create] : [create, `insert into ${table} values ${values.join(',\n')}`];
}

/** The facts of what is staged. */
export function historyOf(database: Database, spec: CurrentSpec, watermark = 0, until?: number): StagedHistory {
    const staging = quoteName(`stg_${spec.tail}`);
    const one = (sql: string): number => Number(database.prepare(sql).pluck().get() ?? 0);
    const whole = until ?? one('select whole_seq from elt_stream');
    const since = one(`select max(_seq) from ${staging} where _op = 'truncate' and _seq <= ${whole}`);
    const has = (condition: string): boolean =>
        one(
            `select count(*) from ${staging} where _seq > ${Math.max(since, watermark)} and _seq <= ${whole} and ${condition}`,
        ) > 0;
    return {
        tail: spec.tail,
        changes: `staged_${spec.tail}`,
        key: spec.key,
        columns: spec.columns,
        since,
        whole,
        hasPatches: has('_absent is not null'),
        hasMoves: has('_old_key is not null'),
        hasDrags: has('_absent is not null and _old_key is not null'),
    };
}

/** The rows of the current table, each value as text, in an order of their own. */
export function sqliteRows(database: Database, spec: CurrentSpec): (string | null)[][] {
    const rows = database
        .prepare(`select * from ${quoteName(`current_${spec.tail}`)}`)
        .raw()
        .safeIntegers()
        .all() as unknown[][];
    return sorted(rows.map((row) => row.map((value) => (value === null ? null : String(value)))));
}

export function sorted(rows: (string | null)[][]): (string | null)[][] {
    return rows
        .map((row) => [JSON.stringify(row), row] as const)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([, row]) => row);
}

/** The rows of `json_agg` in PostgreSQL; numbers keep their digits: each is given as text. */
export function textsOf(json: string): (string | null)[][] {
    const asText = (_: string, value: unknown, { source }: { readonly source?: string }): unknown =>
        typeof value === 'number' ? source : value;
    const rows = JSON.parse(json, asText as (key: string, value: unknown) => unknown) as Record<
        string,
        string | null
    >[];
    return rows.map((row) => Object.values(row));
}
