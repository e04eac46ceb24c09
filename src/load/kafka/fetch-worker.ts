import { parentPort, workerData } from 'node:worker_threads';
import { factsOf, placeOf } from '../../capture/kafka/arrived.ts';
import type { FetchedPartition } from '../../capture/kafka/fetched-partition.ts';
import { LARGE_FETCH } from '../../capture/kafka/leader-requests.ts';
import { RunPacker } from '../../capture/kafka/packed-runs.ts';
import { BadBatch } from '../../capture/kafka/record-batches.ts';
import { ServerConnection } from '../../capture/kafka/server-connection.ts';
import { topicRuns } from '../../capture/kafka/topic-runs.ts';
import { EltError, type ErrorFacts } from '../../core/errors.ts';
import { RingWriter } from '../../core/shared-ring.ts';
import { RowsAhead } from '../../decode/rows/rows-ahead.ts';
import { type FetchThreadData, FrameKind, type FromFetchThread, type ToFetchThread } from './fetch-thread.ts';

/** The thread of `fetch-thread.ts`: fetches on request, reads what has come, and scans its rows. */

/** What a fetch gave of a partition, on its way into the ring. */
interface Piece {
    readonly number: number;
    readonly topic: string;
    readonly fetched: FetchedPartition;
    readonly fromOffset: number;
}

interface Frame {
    readonly kind: number;
    readonly bytes: Buffer;
    readonly length: number;
}

const port = parentPort;
if (port === null) {
    throw new Error('this program is started as a thread');
}
const { address, leaders, runMessagesMax, ring } = workerData as FetchThreadData;
const tell = (message: FromFetchThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const writer = new RingWriter(ring, () => tell('more'));
const connection = new ServerConnection(address);
const packer = new RunPacker();
const scans = new Map<string, RowsAhead>();
const pieces: Piece[] = [];
const number = Buffer.alloc(4);
let pieceCount = 0;
/** Those of the piece that is being written, and one that has found no room yet. */
let frames: Iterator<Frame> | null = null;
let held: Frame | null = null;
let isPumping = false;

function* framesOf({ number: piece, topic, fetched, fromOffset }: Piece): Generator<Frame> {
    number.writeInt32LE(piece, 0);
    yield { kind: FrameKind.begin, bytes: number, length: number.length };
    try {
        for (const run of topicRuns(fetched, fromOffset, runMessagesMax)) {
            packer.pack(run, scans.get(topic) ?? null);
            yield { kind: FrameKind.run, bytes: packer.bytes, length: packer.length };
        }
        yield { kind: FrameKind.end, bytes: number, length: 0 };
    } catch (error) {
        if (!(error instanceof BadBatch)) {
            throw error;
        }
        const bytes = Buffer.from(error.message);
        yield { kind: FrameKind.bad, bytes, length: bytes.length };
    }
}

/** False: there is no room now. */
function put({ kind, bytes, length }: Frame): boolean {
    if (length <= writer.longest) {
        return writer.write(kind, bytes, 0, length);
    }
    if (!writer.write(FrameKind.long, bytes, 0, 0)) {
        return false;
    }
    const memory = new Uint8Array(length);
    memory.set(bytes.subarray(0, length));
    tell({ long: memory.buffer }, [memory.buffer]);
    return true;
}

/** Writes a run, and the next one when the event loop has turned: answers and requests are not kept waiting. */
function pump(): void {
    isPumping = false;
    if (held === null) {
        if (frames === null) {
            const piece = pieces.shift();
            if (piece === undefined) {
                return;
            }
            frames = framesOf(piece);
        }
        const { value, done } = frames.next();
        if (done === true) {
            frames = null;
        } else {
            held = value;
        }
    }
    if (held !== null) {
        if (!put(held)) {
            // The reader says when there is room.
            return;
        }
        held = null;
    }
    goOn();
}

function goOn(): void {
    if (!isPumping) {
        isPumping = true;
        setImmediate(pump);
    }
}

async function answerFetch({ fetch: fetched, node, places, rows }: Exclude<ToFetchThread, 'room'>): Promise<void> {
    for (const [topic, source] of rows) {
        scans.set(topic, new RowsAhead(source));
    }
    try {
        const { errorCode, partitions } = await connection.fetch(node, places, LARGE_FETCH);
        const facts = partitions.flatMap((partition) => {
            const place = placeOf(places, partition);
            if (place === undefined) {
                return [];
            }
            const piece = pieceCount++;
            const said = factsOf(partition, place);
            if (said.last !== null) {
                pieces.push({ number: piece, topic: place.topic, fetched: partition, fromOffset: place.nextOffset });
            }
            return [{ ...said, piece }];
        });
        tell({ fetched, errorCode, partitions: facts });
        goOn();
    } catch (error) {
        tell({ failed: fetched, error: plainFacts(error) });
    }
}

/** What a thread can hand on of an error. */
function plainFacts(error: unknown): ErrorFacts {
    if (!(error instanceof EltError)) {
        const { stack = String(error) } = error as Error;
        return { code: 'BUG', message: 'the thread that reads topics failed', cause: stack };
    }
    return error.plainFacts;
}

port.on('message', (message: ToFetchThread) => {
    if (message === 'room') {
        goOn();
    } else {
        void answerFetch(message);
    }
});

// Whatever is wrong is said again by the first fetch.
connection
    .prepare(leaders)
    .catch(() => undefined)
    .finally(() => tell('ready'));
