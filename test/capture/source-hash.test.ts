import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { runningHash } from '../../src/capture/bytes/running-hash.ts';
import { SourceHash } from '../../src/capture/bytes/source-hash.ts';

const TEXT = Buffer.from('a record, and one that is longer');

describe('the hash of what was read', () => {
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    const parts = [TEXT.subarray(0, 10), TEXT.subarray(10)] as const;

    it('is known at the end of any record of the chunk', () => {
        const hash = new SourceHash(runningHash(createHash('sha256')), 0);
        hash.beginChunk(TEXT);
        expect([0, 3, 10, TEXT.length].map((offset) => hash.digestAt(offset)?.())).toEqual(
            [0, 3, 10, TEXT.length].map((offset) => sha256(TEXT.subarray(0, offset))),
        );
    });

    it('keeps the last place at which the load could stop, through chunks of a longer record', () => {
        const hash = new SourceHash(runningHash(createHash('sha256')), 0);
        hash.beginChunk(parts[0]);
        hash.endChunk(3);
        hash.beginChunk(parts[1]);
        hash.endChunk(3);
        expect(hash.digestAt(3)?.()).toBe(sha256(TEXT.subarray(0, 3)));
        expect(hash.digestAt(5)).toBeNull();
        expect(hash.digestAt(TEXT.length)?.()).toBe(sha256(TEXT));
    });

    it('continues from a prefix that was hashed before', () => {
        const hash = new SourceHash(runningHash(createHash('sha256').update(parts[0])), 10);
        hash.beginChunk(parts[1]);
        expect(hash.digestAt(10)?.()).toBe(sha256(parts[0]));
        expect(hash.digestAt(TEXT.length)?.()).toBe(sha256(TEXT));
    });
});
