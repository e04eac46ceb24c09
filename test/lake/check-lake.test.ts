import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkLake } from '../../src/lake/check-lake.ts';
import { sharedKeys } from '../../src/lake/shared-keys.ts';
import { load } from '../support/bench-database.ts';
import { elt, workFolder } from '../support/elt.ts';
import { change, ID, item, pushed, tableOf, transaction, withLake } from './pushed.ts';

/** What is found in a lake without its database: damage, and keys that two sources share. */

test('a part that was changed, cut off or removed is found', async () => {
    await withLake(async (database, lake) => {
        await load(database, transaction(...Array.from({ length: 15 }, (_, index) => item(index))));
        await pushed(database, lake);
        const folder = join(lake, 'shop/sources/one/stg_item');
        const [first, second, third] = tableOf(lake, 'stg_item').parts.map(({ file }) => join(folder, file));
        const bytes = readFileSync(first as string);
        bytes[40] = (bytes[40] as number) ^ 1;
        writeFileSync(first as string, bytes);
        truncateSync(second as string, 50);
        rmSync(third as string);
        writeFileSync(join(folder, 'part-9-9-left.parquet'), '');
        const { damaged, unnamed } = await checkLake(lake, 'shop', async () => undefined);
        expect(damaged.map(({ found }) => found.replace(/\d+/g, 'n'))).toEqual([
            'other bytes than were written: its SHA-n differs',
            'n bytes; expected n',
            'it is not there',
        ]);
        expect(unnamed).toEqual(['shop/sources/one/stg_item/part-9-9-left.parquet']);
    });
});

test('a push that a person wanted anew gives no other cause for it', async () => {
    const cwd = workFolder();
    const words = (...more: readonly string[]): string[] => ['--pipeline', 'payments', '--db', 'p.db', ...more];
    const input = (await elt(['sample', 'payments', '--records', '100'], { cwd })).stdout;
    expect((await elt(words('run', '-'), { cwd, input })).status).toBe(0);
    expect((await elt(words('lake', 'push', '--to', 'lake'), { cwd })).status).toBe(0);
    writeFileSync(join(cwd, 'lake/payments/sources/p/stg_transaction/part-1-2-left.parquet'), '');
    const checked = await elt(words('lake', 'check'), { cwd });
    expect(checked.stdout).toContain('1 file that no manifest names: the next push removes it\n');
    const again = await elt(words('lake', 'push', '--anew'), { cwd });
    expect([again.status, again.stdout]).toEqual([0, expect.stringMatching(/^pushed {2}p to lake: 100 changes .*\n$/)]);
});

describe('a key in two sources', () => {
    const REGION = { name: 'region', type: 'text' };
    const row = (action: 'I' | 'U' | 'D', id: number, region: string, was?: number): string => {
        const key = (value: number) => [
            { ...ID, value },
            { ...REGION, value: region },
        ];
        const old = action === 'D' ? key(id) : was === undefined ? [] : key(was);
        return change(action, key(id), old);
    };
    const cases: readonly (readonly [
        what: string,
        one: readonly string[],
        two: readonly string[],
        shared: readonly string[],
    ])[] = [
        ['none', [row('I', 1, 'north')], [row('I', 2, 'north'), row('I', 1, 'south')], []],
        ['a row that both have', [row('I', 1, 'north')], [row('I', 1, 'north')], ['["1","north"]']],
        ['one that was deleted', [row('I', 1, 'n'), row('D', 1, 'n')], [row('I', 1, 'n')], ['["1","n"]']],
        ['one that had another key before', [row('I', 3, 'n')], [row('U', 4, 'n', 3)], ['["3","n"]']],
    ];
    test.each([...cases])('%s', async (_, one, two, shared) => {
        await withLake(async (database, lake) => {
            const options = { factsOf: () => ({ key: ['id', 'region'], json: [] }) };
            await load(database, transaction(...one));
            await pushed(database, lake, options);
            await withLake(async (other) => {
                await load(other, transaction(...two));
                await pushed(other, lake, { ...options, source: 'two' });
            });
            const found = await sharedKeys(lake, 'shop', async () => undefined);
            expect(found.first.map(({ key }) => key)).toEqual(shared);
            expect(found).toMatchObject({ count: shared.length });
            expect(found.first.map(({ sources }) => sources)).toEqual(shared.map(() => ['one', 'two']));
        });
    });
});
