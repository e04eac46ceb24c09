import fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../support/properties.ts';
import { decodeAll } from './decode-all.ts';
import { damaged, laidOut, layout, someFaults, someRecords } from './wal-arbitrary.ts';

const repeated = (records: readonly string[], bytes: number): string[] =>
    Array.from({ length: Math.ceil(bytes / (records.join('').length + 1)) }, () => records).flat();

it('what a thread has scanned ahead is decoded as the others are', () => {
    // A chunk's first 4 KiB may be copied behind what is left of the chunk before, and are scanned where they are then.
    const ahead = fc.record({
        chunkBytes: fc.integer({ min: 16, max: 16_000 }),
        depth: fc.integer({ min: 1, max: 3 }),
        shown: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
        fc.property(
            someRecords,
            layout,
            someFaults,
            ahead,
            fc.constantFrom(60, 1 << 20),
            (records, name, list, size, held) => {
                const source = damaged(laidOut(repeated(records, 30_000), name), list);
                const plain = decodeAll(source, { skeletons: false, recordHeldBytesMax: held });
                const { decoded, error } = decodeAll(source, { ahead: size, recordHeldBytesMax: held });
                expect(decoded).toEqual(plain.decoded);
                expect(error?.facts).toEqual(plain.error?.facts);
            },
        ),
        propertyRuns(100),
    );
});
