import { expect, test } from 'vitest';
import { bytesText } from '../../src/report/text-table.ts';

test.each([
    [0, '0 B'],
    [999, '999 B'],
    [683.27, '683 B'],
    [1_000, '1.0 kB'],
    [1_545_619, '1.5 MB'],
])('%d bytes are written %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
});
