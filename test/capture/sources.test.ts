import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { expandSources } from '../../src/capture/source/expand-sources.ts';
import { standardInput } from '../../src/capture/source/file-source.ts';
import { inOrderOfNumbers } from '../../src/capture/source/name-order.ts';
import type { Source } from '../../src/capture/source/source.ts';
import { EltError } from '../../src/core/errors.ts';
import { propertyRuns } from '../support/properties.ts';

let folder = '';

beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'elt-sources-'));
});

afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
});

interface Read {
    readonly bytes: Buffer;
    readonly error: EltError | null;
    readonly bytesRead: number;
}

async function readAll(source: Source): Promise<Read> {
    const reading = source.open();
    const chunks: Buffer[] = [];
    let error: EltError | null = null;
    try {
        for await (const chunk of reading) {
            expect(chunk.length).toBeLessThanOrEqual(1 << 20);
            chunks.push(Buffer.from(chunk));
        }
    } catch (thrown) {
        if (!(thrown instanceof EltError)) {
            throw thrown;
        }
        error = thrown;
    }
    return { bytes: Buffer.concat(chunks), error, bytesRead: reading.bytesRead };
}

async function readFileSource(name: string, bytes: Buffer): Promise<Read> {
    writeFileSync(join(folder, name), bytes);
    const [source] = await expandSources([join(folder, name)]);
    return readAll(source as Source);
}

async function codeOf(promise: Promise<unknown>): Promise<EltError> {
    const error = await promise.then(
        () => null,
        (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(EltError);
    return error as EltError;
}

const TEXT = Buffer.from(`{"a":"é😀"}\n`.repeat(150_000));

describe('names', () => {
    it('files, folders in the order of numbers and bytes, hidden ones passed over, standard input', async () => {
        mkdirSync(join(folder, 'many', 'inner'), { recursive: true });
        for (const name of ['b', 'B', 'a2', 'a10', 'é', '.hidden', 'inner/x']) {
            writeFileSync(join(folder, 'many', name), '');
        }
        const sources = await expandSources([join(folder, 'many'), '-', join(folder, 'many', 'b')]);
        expect(sources.map(({ name }) => name.slice(name.lastIndexOf('/many/') + 1))).toEqual([
            'many/B',
            'many/a2',
            'many/a10',
            'many/b',
            'many/inner/x',
            'many/é',
            '-',
            'many/b',
        ]);
        expect(sources[0]).toMatchObject({ path: join(folder, 'many', 'B'), seekable: true, sizeBytes: 0 });
        expect(sources[6]).toMatchObject({ path: null, seekable: false, sizeBytes: null });
    });

    it.each([
        ['numbers as numbers', ['wal.9.jsonl', 'wal.10.jsonl', 'wal.100.jsonl']],
        ['each number of a name', ['2-9-a', '2-10-a', '10-1-a']],
        ['numbers filled up with zeros', ['wal.009', 'wal.010', 'wal.100']],
        [
            'hexadecimal names of one width',
            ['000000010000000000000009', '00000001000000000000000A', '000000010000000000000010'],
        ],
        ['numbers too long for a double', ['a9007199254740992', 'a9007199254740993', 'a10000000000000000']],
        ['a name that another one begins with', ['wal', 'wal.1', 'wal.1.gz']],
        ['all else in the order of its bytes', ['B', 'a', 'b', 'é']],
    ])('%s', (_, names) => {
        for (const first of names.keys()) {
            // Whatever the order of the folder was.
            const given = [...names.slice(first), ...names.slice(0, first)].reverse();
            expect(given.sort(inOrderOfNumbers)).toEqual(names);
        }
    });

    it('the order of names is one: whatever it is compared by', () => {
        const name = fc.stringMatching(/^[019a.]{0,6}$/);
        fc.assert(
            fc.property(fc.array(name, { maxLength: 7 }), (names) => {
                const sorted = [...names].sort(inOrderOfNumbers);
                for (let left = 0; left < sorted.length; left++) {
                    for (let right = left; right < sorted.length; right++) {
                        expect(inOrderOfNumbers(sorted[left] as string, sorted[right] as string)).toBeLessThanOrEqual(
                            0,
                        );
                    }
                }
                expect(new Set(sorted).size).toBe(
                    new Set(
                        sorted.filter((one, at) => at === 0 || inOrderOfNumbers(sorted[at - 1] as string, one) !== 0),
                    ).size,
                );
            }),
            propertyRuns(1000),
        );
    });

    it('a missing name is reported with the nearest one', async () => {
        writeFileSync(join(folder, 'wal.json'), '');
        const error = await codeOf(expandSources([join(folder, 'wall.json')]));
        expect(error.code).toBe('SOURCE_NOT_FOUND');
        expect(error.facts.found).toContain(join(folder, 'wal.json'));
        expect((await codeOf(expandSources([join(folder, 'wal.json', 'x')]))).code).toBe('SOURCE_NOT_FOUND');
    });

    it('an empty folder is an error', async () => {
        mkdirSync(join(folder, 'empty'));
        expect((await codeOf(expandSources([join(folder, 'empty')]))).code).toBe('SOURCE_NOT_FOUND');
    });

    it('standard input can be given once', async () => {
        expect((await codeOf(expandSources(['-', '-']))).code).toBe('COMMAND_WRONG');
    });

    it.skipIf(process.getuid?.() === 0)('a file that may not be read', async () => {
        const path = join(folder, 'closed');
        writeFileSync(path, 'x');
        chmodSync(path, 0);
        const [source] = await expandSources([path]);
        expect((await readAll(source as Source)).error?.code).toBe('SOURCE_UNREADABLE');
    });

    it('a file that is gone when it is opened', async () => {
        const path = join(folder, 'gone');
        writeFileSync(path, 'x');
        const [source] = await expandSources([path]);
        rmSync(path);
        expect((await readAll(source as Source)).error?.code).toBe('SOURCE_UNREADABLE');
    });
});

describe('bytes', () => {
    it.each([0, 1, 3, 12, TEXT.length])('a file of %i bytes', async (length) => {
        const bytes = Buffer.from(
            TEXT.subarray(0, length)
                .toString('utf8')
                .replace(/\ufffd/g, ''),
        );
        const read = await readFileSource('plain', bytes);
        expect(read.error).toBeNull();
        expect(read.bytes.equals(bytes)).toBe(true);
        expect(read.bytesRead).toBe(bytes.length);
    });

    it('a FIFO', async () => {
        const path = join(folder, 'fifo');
        execFileSync('mkfifo', [path]);
        const [source] = await expandSources([path]);
        expect(source).toMatchObject({ seekable: false, sizeBytes: null });
        const reading = readAll(source as Source);
        execFileSync('sh', ['-c', `printf '{"a":1}' > "${path}" &`]);
        expect((await reading).bytes.toString()).toBe('{"a":1}');
    });

    it('standard input in pieces of one byte', async () => {
        const bytes = TEXT.subarray(0, 150);
        const source = standardInput(Readable.from(Array.from(bytes, (byte) => Buffer.from([byte]))));
        expect((await readAll(source)).bytes.equals(bytes)).toBe(true);
    });

    it('a stream that fails', async () => {
        const stream = Readable.from(
            (async function* () {
                yield Buffer.from('{"a":1}');
                throw new Error('the pipe is broken');
            })(),
        );
        const read = await readAll(standardInput(stream));
        expect(read.bytes.toString()).toBe('{"a":1}');
        expect(read.error?.code).toBe('SOURCE_UNREADABLE');
    });

    it('reading can be given up at any time', async () => {
        for (const name of ['plain', 'gzip']) {
            writeFileSync(join(folder, name), name === 'gzip' ? zlib.gzipSync(TEXT) : TEXT);
            const [source] = await expandSources([join(folder, name)]);
            for await (const chunk of (source as Source).open()) {
                expect(chunk.length).toBeGreaterThan(0);
                break;
            }
        }
    });
});

const hasZstd = typeof zlib.zstdCompressSync === 'function';
const FORMATS: [name: string, compress: (bytes: Buffer) => Buffer][] = [
    ['gzip', (bytes) => zlib.gzipSync(bytes)],
    ...(hasZstd
        ? ([['zstd', (bytes: Buffer) => zlib.zstdCompressSync(bytes)]] as [string, (bytes: Buffer) => Buffer][])
        : []),
];

describe.each(FORMATS)('compressed with %s, told by content', (_, compress) => {
    it('whole', async () => {
        const compressed = compress(TEXT);
        const read = await readFileSource('compressed.json', compressed);
        expect(read.error).toBeNull();
        expect(read.bytes.equals(TEXT)).toBe(true);
        expect(read.bytesRead).toBe(compressed.length);
    });

    it('several joined, and an empty one', async () => {
        const parts = [TEXT.subarray(0, 15), Buffer.alloc(0), TEXT, TEXT.subarray(0, 30)];
        const read = await readFileSource('joined', Buffer.concat(parts.map(compress)));
        expect(read.error).toBeNull();
        expect(read.bytes.equals(Buffer.concat(parts))).toBe(true);
    });

    it('in pieces of one byte', async () => {
        const compressed = Buffer.concat([compress(TEXT.subarray(0, 30)), compress(TEXT.subarray(0, 15))]);
        const stream = Readable.from(Array.from(compressed, (byte) => Buffer.from([byte])));
        expect((await readAll(standardInput(stream))).bytes.equals(TEXT.subarray(0, 45))).toBe(true);
    });

    it('ended early, wherever', async () => {
        const compressed = compress(TEXT.subarray(0, 15));
        for (let length = 4; length < compressed.length; length++) {
            const read = await readFileSource('early', compressed.subarray(0, length));
            expect(read.error?.code).toBe('SOURCE_COMPRESSION');
            expect(read.error?.facts.where).toContain(`compressed byte ${length}`);
            expect(TEXT.subarray(0, read.bytes.length).equals(read.bytes)).toBe(true);
        }
    });

    it('with rubbish behind it', async () => {
        const damaged = Buffer.concat([compress(TEXT), Buffer.from('rubbish')]);
        expect((await readFileSource('rubbish', damaged)).error?.code).toBe('SOURCE_COMPRESSION');
    });
});

it('a damaged gzip stream is found by its checksum at the latest', async () => {
    const flipped = zlib.gzipSync(TEXT);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 6) ^ 1, flipped.length - 6);
    expect((await readFileSource('flipped', flipped)).error?.code).toBe('SOURCE_COMPRESSION');
});

it('zeros behind a gzip stream are padding, other bytes behind them are not', async () => {
    const compressed = zlib.gzipSync(TEXT);
    expect((await readFileSource('padded', Buffer.concat([compressed, Buffer.alloc(200_000)]))).error).toBeNull();
    const rubbish = Buffer.concat([compressed, Buffer.alloc(200_000), Buffer.from('x')]);
    const read = await readFileSource('padded', rubbish);
    expect(read.error?.code).toBe('SOURCE_COMPRESSION');
});
