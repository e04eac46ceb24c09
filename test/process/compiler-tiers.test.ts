import { afterEach, expect, test, vi } from 'vitest';
import { withTiersFor } from '../../src/process/compiler-tiers.ts';

const v8 = process.getBuiltinModule('node:v8');
const MIB = 1024 * 1024;
const [OFF, ON] = ['--no-turbofan', '--turbofan'];

afterEach(() => vi.restoreAllMocks());

test.each([
    { what: 'small files', sizes: [MIB, 40 * MIB], landed: [20_000], flags: [OFF, ON] },
    { what: 'small files with many changes', sizes: [MIB], landed: [20_000, 40_000], flags: [OFF, ON, ON] },
    { what: 'files that are large together', sizes: [40 * MIB, 40 * MIB], landed: [60_000], flags: [] },
    { what: 'a pipe', sizes: [null], landed: [20_000], flags: [] },
])('$what: V8 is left as it was', async ({ sizes, landed, flags }) => {
    const set = vi.spyOn(v8, 'setFlagsFromString');
    const result = await withTiersFor(sizes, async (tell) => {
        landed.forEach(tell);
        return 'done';
    });
    expect(result).toBe('done');
    expect(set.mock.calls.map(([flag]) => flag)).toEqual(flags);
});

test('a load that fails leaves V8 as it was', async () => {
    const set = vi.spyOn(v8, 'setFlagsFromString');
    await expect(withTiersFor([MIB], () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
    expect(set.mock.calls.map(([flag]) => flag)).toEqual([OFF, ON]);
});
