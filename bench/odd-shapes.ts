import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { sampleFile, WORKSHOP } from './workshop.ts';

/** A stream of a wide or odd shape. */
export interface Shape {
    readonly name: string;
    readonly size: number;
    readonly unit: string;
    readonly pipeline: 'payments' | 'odd';
    readonly command: 'run' | 'load';
    /** Files that are run before, and the one whose run is measured. */
    readonly inputs: (size: number) => { readonly before: readonly string[]; readonly measured: string };
}

export const SHAPES: readonly Shape[] = [
    {
        name: 'a table of 1,500 columns',
        size: 500,
        unit: 'rows',
        pipeline: 'odd',
        command: 'run',
        inputs: (size) =>
            inserts(size, (row) =>
                changeOf(
                    'wide',
                    row,
                    numbered(1_499, (at) => [`column_${at}`, row + at]),
                ),
            ),
    },
    {
        name: 'tables of one row',
        size: 1_500,
        unit: 'tables',
        pipeline: 'odd',
        command: 'load',
        inputs: (size) => inserts(size, (row) => changeOf(`table_${row}`, row, [['name', `row ${row}`]])),
    },
    {
        name: 'documents of 100 kB',
        size: 500,
        unit: 'rows',
        pipeline: 'odd',
        command: 'run',
        inputs: (size) => inserts(size, (row) => changeOf('document', row, [['body', document(row)]])),
    },
    {
        name: 'one key that is updated again and again',
        size: 500_000,
        unit: 'updates',
        pipeline: 'odd',
        command: 'run',
        inputs: (size) =>
            inserts(size, (row) => changeOf('counter', 1, [['count', row]], row === 0 ? 'insert' : 'update')),
    },
    {
        name: 'one flow of many requests, first run',
        size: 50_000,
        unit: 'requests',
        pipeline: 'payments',
        command: 'run',
        inputs: (size) => ({ before: [], measured: requestsOfOneFlow(size).all }),
    },
    {
        name: 'one flow of many requests, then one more',
        size: 50_000,
        unit: 'requests',
        pipeline: 'payments',
        command: 'run',
        inputs: (size) => {
            const { all, oneMore } = requestsOfOneFlow(size);
            return { before: [all], measured: oneMore };
        },
    },
];

type Value = readonly [name: string, value: string | number];

function numbered(count: number, value: (at: number) => Value): readonly Value[] {
    return Array.from({ length: count }, (_, at) => value(at));
}

function document(row: number): string {
    const items = Array.from({ length: 1_000 }, (_, at) => ({
        at,
        row,
        text: `item ${at} of the document ${row}`.padEnd(60, '.'),
    }));
    return JSON.stringify({ row, items });
}

/** A record of wal2json's format 2. */
function changeOf(table: string, id: number, values: readonly Value[], kind: 'insert' | 'update' = 'insert'): string {
    const columns = [
        { name: 'id', type: 'integer', value: id },
        ...values.map(([name, value]) => ({ name, type: typeof value === 'number' ? 'integer' : 'text', value })),
    ];
    const key = [{ name: 'id', type: 'integer' }];
    const identity = kind === 'update' ? { identity: [{ ...key[0], value: id }] } : {};
    return JSON.stringify({
        action: kind === 'insert' ? 'I' : 'U',
        schema: 'public',
        table,
        columns,
        ...identity,
        pk: key,
    });
}

function inserts(size: number, change: (row: number) => string): { before: readonly string[]; measured: string } {
    return { before: [], measured: fileOf('odd.jsonl', size, change) };
}

function fileOf(name: string, size: number, record: (row: number) => string): string {
    mkdirSync(join(WORKSHOP, 'inputs'), { recursive: true });
    const path = join(WORKSHOP, 'inputs', name);
    const file = openSync(path, 'w');
    let text = '';
    for (let row = 0; row < size; row++) {
        text += `${record(row)}\n`;
        if (text.length > 1 << 20 || row === size - 1) {
            writeSync(file, text);
            text = '';
        }
    }
    closeSync(file);
    return path;
}

interface Insert {
    readonly table: string;
    readonly columnnames: readonly string[];
    readonly columnvalues: unknown[];
}

/** A sample in which one more flow is that of a request that was made again and again. */
function requestsOfOneFlow(size: number): { readonly all: string; readonly oneMore: string } {
    const sample = readFileSync(sampleFile(1_000).path, 'utf8');
    const records = JSON.parse(sample) as { change: Insert[] }[];
    const template = records
        .flatMap(({ change }) => change)
        .find(({ table }) => table === 'transaction_request') as Insert;
    const again = (row: number): string => {
        const set: Record<string, unknown> = {
            transaction_request_id: `0a9a1400-0000-4000-8000-${String(row).padStart(12, '0')}`,
            created_at: `2024-03-${String(1 + (row % 28)).padStart(2, '0')} 10:00:00.${String(row).padStart(6, '0')}`,
        };
        const columnvalues = template.columnvalues.map((value, at) => set[template.columnnames[at] ?? ''] ?? value);
        return JSON.stringify({ change: [{ ...template, columnvalues }] });
    };
    const lines = records.map((record) => JSON.stringify(record));
    return {
        all: fileOf('odd-flow.jsonl', lines.length + size, (row) => lines[row] ?? again(row - lines.length)),
        oneMore: fileOf('odd-flow-more.jsonl', 1, () => again(size)),
    };
}
