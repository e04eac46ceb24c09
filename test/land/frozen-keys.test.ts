import { describe, expect, onTestFinished, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { close, load, migratedDatabase } from '../support/bench-database.ts';
import { streamOf } from '../support/moving-table.ts';
import { orders } from './orders-table.ts';

/** By what the stream names rows, where nothing about a table may change. */

describe('drift: freeze', () => {
    const frozen = { drift: 'freeze' as const, text: new Map() };

    test('a key that moves stops the load with status 5, and nothing of the source is landed', async () => {
        const database = await migratedDatabase('none');
        onTestFinished(() => close(database));
        const table = orders().delete({ id: 1 });
        await load(database, streamOf(table, { format: 2 }), { settings: frozen });
        const from = table.written.length;
        table.update({ id: 2 }, { v: 'y' }).key('code').delete({ id: 2 });
        const more = streamOf(table, { format: 2, first: from + 1 }, from);
        const error = await load(database, more, { settings: frozen }).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(EltError);
        expect((error as EltError).exitStatus).toBe(5);
        expect((error as EltError).message).toBe('"public.t" drifted: its key was id, and is code');
        expect(database.prepare('select count(*) from stg_t').pluck().get()).toBe(from);
        expect(database.prepare('select key from elt_keys').pluck().all()).toEqual(['id']);
    });

    test('to learn that rows are named by another index is no change of the table', async () => {
        const database = await migratedDatabase('none');
        onTestFinished(() => close(database));
        const table = orders()
            .replicaIdentity({ kind: 'index', columns: ['code'] })
            .delete({ id: 1 });
        await load(database, streamOf(table, { format: 2 }), { settings: frozen });
        expect(database.prepare('select key from elt_keys').pluck().all()).toEqual(['code']);
    });
});
