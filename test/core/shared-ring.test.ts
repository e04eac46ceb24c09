import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RingReader, RingWriter, ringMemory } from '../../src/core/shared-ring.ts';
import { propertyRuns } from '../support/properties.ts';

describe('a ring of shared memory', () => {
    it('gives the frames in order, whatever their lengths and however reading and writing alternate', () => {
        const step = fc.oneof(
            fc.record({ write: fc.integer({ min: 0, max: 60 }) }),
            fc.record({ read: fc.integer({ min: 0, max: 5 }) }),
        );
        // The smallest has room for the longest of these: it takes frames of up to half of it.
        fc.assert(
            fc.property(fc.integer({ min: 144, max: 400 }), fc.array(step, { maxLength: 200 }), (size, steps) => {
                const memory = ringMemory(size);
                let [wakes, rooms] = [0, 0];
                const writer = new RingWriter(memory, () => wakes++);
                const reader = new RingReader(memory, () => rooms++);
                const [written, got]: [string[], string[]] = [[], []];
                let refused = false;
                const read = (count: number): void => {
                    let left = count;
                    reader.read((kind, start, end) => {
                        if (left-- === 0) {
                            return false;
                        }
                        expect(start % 8).toBe(0);
                        got.push(`${kind} ${reader.bytes.toString('latin1', start, end)}`);
                        return true;
                    });
                    const before = rooms;
                    reader.release();
                    // A writer that was refused hears of the room.
                    if (refused && rooms > before) {
                        refused = false;
                    }
                };
                for (const one of steps) {
                    if ('write' in one) {
                        const text = String.fromCharCode(97 + (written.length % 26)).repeat(one.write);
                        const kind = written.length % 7;
                        if (writer.write(kind, Buffer.from(text), 0, text.length)) {
                            written.push(`${kind} ${text}`);
                        } else {
                            refused = true;
                        }
                    } else {
                        read(one.read);
                    }
                }
                while (reader.hasMore()) {
                    read(3);
                }
                expect(got).toEqual(written);
                expect(refused).toBe(false);
                const before = wakes;
                expect(writer.write(1, Buffer.from('x'), 0, 1)).toBe(true);
                expect(wakes).toBe(before + 1);
                expect(reader.isEmpty).toBe(false);
                read(1);
                // Who only looks is not woken.
                expect(reader.isEmpty).toBe(true);
                expect(writer.write(1, Buffer.from('x'), 0, 1)).toBe(true);
                expect(wakes).toBe(before + 1);
            }),
            propertyRuns(500),
        );
    });

    it('always has room for the longest frame when all is read', () => {
        for (let size = 40; size < 90; size++) {
            const memory = ringMemory(size);
            const writer = new RingWriter(memory, () => undefined);
            const reader = new RingReader(memory, () => undefined);
            for (let round = 0; round < 50; round++) {
                const bytes = Buffer.alloc(round % 2 === 0 ? writer.longest : round % 9, round);
                expect(writer.write(1, bytes, 0, bytes.length)).toBe(true);
                reader.read((_, start, end) => {
                    expect(reader.bytes.subarray(start, end).equals(bytes)).toBe(true);
                    return true;
                });
                reader.release();
            }
        }
    });
});
