import type { ProjectFiles } from '../../src/project/model-files.ts';
import { modelOfMart, type WantedPush } from '../../src/push/declared-targets.ts';
import { martRows } from '../../src/push/mart-rows.ts';
import { type MartShape, martShape } from '../../src/push/mart-shape.ts';
import type { Pushed } from '../../src/push/push-mart.ts';
import type { PushKind } from '../../src/push/push-type.ts';
import { type Compared, Pusher, type PushResult } from '../../src/push/pusher.ts';
import { targetAddress } from '../../src/push/target-address.ts';
import type { Database } from '../../src/sqlite/database.ts';
import type { Psql } from './psql.ts';

/** What a mart holds and what its targets hold, in the same words: a sorted list of rows, each a JSON array of texts. */
export function rowsOfMart(database: Database, shape: MartShape): readonly string[] {
    const rows = [...martRows(database, shape, null)].map(({ values }) =>
        (values ?? []).map((value, index) => textOf(value, shape.columns[index]?.type.kind ?? 'text')),
    );
    return rows.map((row) => JSON.stringify(row)).sort();
}

export async function rowsInPostgres(session: Psql, relation: string, shape: MartShape): Promise<readonly string[]> {
    const columns = shape.columns.map(({ name }) => `"${name.replaceAll('"', '""')}"::text`);
    const rows = await session.rows<{ held: (string | null)[] }>(
        `select json_build_array(${columns.join(', ')}) as held from ${relation}`,
    );
    return rows
        .map(({ held }) => held.map((value, index) => textOf(value, shape.columns[index]?.type.kind ?? 'text')))
        .map((row) => JSON.stringify(row))
        .sort();
}

function textOf(value: unknown, kind: PushKind): string | null {
    if (value === null) {
        return null;
    }
    if (kind === 'json') {
        return JSON.stringify(JSON.parse(String(value)));
    }
    if (kind === 'boolean') {
        return ['1', 'true', 't'].includes(String(value)) ? 'true' : 'false';
    }
    if (kind === 'timestamp') {
        // PostgreSQL leaves the zeros at the end of a fraction out.
        return String(value)
            .replace(/(\.\d*?)0+(?!\d)/, '$1')
            .replace(/\.(?!\d)/, '');
    }
    return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : String(value);
}

/** The documents that a mart comes to, by the texts of their keys. */
export function documentsOfMart(database: Database, shape: MartShape): ReadonlyMap<string, Record<string, unknown>> {
    return new Map(
        [...martRows(database, shape, null)].map(({ key, values }) => [
            key.length === 1 ? String(key[0]) : JSON.stringify(key.map(plain)),
            Object.fromEntries(
                shape.columns.map(({ name, type }, index) => [name, fieldOf(values?.[index], type.kind)]),
            ),
        ]),
    );
}

const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

function fieldOf(value: unknown, kind: PushKind): unknown {
    if (value === null) {
        return null;
    }
    if (kind === 'boolean') {
        return value === 1n;
    }
    if (kind === 'json') {
        return JSON.parse(String(value));
    }
    if (kind === 'text') {
        return String(value);
    }
    return kind === 'timestamp' ? String(value).replace(' ', 'T') : kind === 'numeric' ? Number(value) : plain(value);
}

/** A push inside the test, which must succeed. */
export async function pushTo(
    database: Database,
    mart: string,
    addresses: readonly string[],
    options: { readonly files?: ProjectFiles; readonly isFull?: boolean } = {},
): Promise<readonly Pushed[]> {
    const results = await tryPushTo(database, mart, addresses, options);
    return results.map((result) => {
        if ('error' in result) {
            throw result.error;
        }
        return (result as { readonly pushed: Pushed }).pushed;
    });
}

export async function tryPushTo(
    database: Database,
    mart: string,
    addresses: readonly string[],
    { files, isFull = false }: { readonly files?: ProjectFiles; readonly isFull?: boolean } = {},
): Promise<readonly PushResult[]> {
    const pusher = new Pusher(database);
    try {
        const model = files === undefined ? undefined : modelOfMart(files, mart);
        const wanted = addresses.map((text): WantedPush => ({ mart, model, address: targetAddress(text, mart) }));
        return await pusher.push(wanted, { isFull, skipsUpToDate: false, begins: () => async () => undefined });
    } finally {
        await pusher.close();
    }
}

/** How a mart compares with a target, inside the test. */
export async function compareWith(database: Database, mart: string, address: string): Promise<Compared> {
    const pusher = new Pusher(database);
    try {
        const wanted = { mart, model: undefined, address: targetAddress(address, mart) };
        return await pusher.compare(wanted, async () => undefined);
    } finally {
        await pusher.close();
    }
}

export function shapeOf(database: Database, mart: string, files?: ProjectFiles): MartShape {
    return martShape(database, mart, files === undefined ? undefined : modelOfMart(files, mart));
}
