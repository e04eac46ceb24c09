import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ReadingThread } from '../../src/capture/bytes/reading-thread.ts';
import { SourceHash } from '../../src/capture/bytes/source-hash.ts';

const BYTES = randomBytes(5_000_003);

function sha256(bytes: Buffer): string {
    return createHash('sha256').update(bytes).digest('hex');
}

function threadOn(bytes: Buffer): ReadingThread {
    const path = join(mkdtempSync(join(tmpdir(), 'elt-test-')), 'bytes');
    writeFileSync(path, bytes);
    const thread = new ReadingThread(path);
    onTestFinished(() => thread.close());
    return thread;
}

describe('a file that a thread reads and hashes', () => {
    it('comes whole and in order, and counted', async () => {
        const thread = threadOn(BYTES);
        const read: Buffer[] = [];
        let counted = 0;
        for await (const chunk of thread.chunks((bytes) => {
            counted += bytes;
        })) {
            read.push(Buffer.from(chunk));
        }
        expect(Buffer.concat(read).equals(BYTES)).toBe(true);
        expect(counted).toBe(BYTES.length);
    });

    it.each([
        ['nothing', 0],
        ['one byte', 1],
        ['a chunk', 512 * 1024],
        ['a chunk and a byte', 512 * 1024 + 1],
    ])('of %s ends', async (_, length) => {
        let counted = 0;
        for await (const chunk of threadOn(BYTES.subarray(0, length)).chunks(() => {})) {
            counted += chunk.length;
        }
        expect(counted).toBe(length);
    });

    it('has the hash of any place that a load can stop at, also when it has been read', async () => {
        const thread = threadOn(BYTES);
        const hash = new SourceHash(thread, 0);
        let end = 0;
        let whole = 0;
        for await (const chunk of thread.chunks(() => {})) {
            hash.beginChunk(chunk);
            whole = end + (chunk.length >> 1);
            end += chunk.length;
            expect(hash.digestAt(whole)?.()).toBe(sha256(BYTES.subarray(0, whole)));
            whole += 1_000;
            hash.endChunk(whole);
        }
        expect(hash.digestAt(whole)?.()).toBe(sha256(BYTES.subarray(0, whole)));
        expect(hash.digestAt(end)?.()).toBe(sha256(BYTES));
    });

    it('takes in bytes that are in none of its chunks', async () => {
        const thread = threadOn(BYTES);
        const hash = new SourceHash(thread, 0);
        let end = 0;
        for await (const chunk of thread.chunks(() => {})) {
            // As where a character is cut in two by the end of a chunk.
            for (const piece of [chunk.subarray(0, -3), Buffer.from(chunk.subarray(-3))]) {
                hash.beginChunk(piece);
                end += piece.length;
                hash.endChunk(end);
            }
        }
        expect(hash.digestAt(end)?.()).toBe(sha256(BYTES));
    });

    it('that is missing is an error of the read that follows', async () => {
        const thread = new ReadingThread(join(tmpdir(), 'elt-test-not-there'));
        onTestFinished(() => thread.close());
        await expect(thread.chunks(() => {}).next()).rejects.toThrow('ENOENT');
    });
});
