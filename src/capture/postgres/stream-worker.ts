import { parentPort, workerData } from 'node:worker_threads';
import { RingWriter } from '../../core/shared-ring.ts';
import { serverErrorFacts } from '../../postgres/server-error.ts';
import { FrameKind } from './frame-kind.ts';
import { LogWatch } from './log-watch.ts';
import { ReplicationStream } from './replication-stream.ts';
import { type FromStreamThread, plainError, type StreamThreadData, type ToStreamThread } from './stream-thread.ts';

/** The thread of `stream-thread.ts`: a replication connection that is answered whatever the landing does. */

const port = parentPort;
if (port === null) {
    throw new Error('this program is started as a thread');
}
const { request, ring } = workerData as StreamThreadData;
const tell = (message: FromStreamThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const writer = new RingWriter(ring, () => tell('more'));

/** A value may have up to 1 GB. */
function writeLong(kind: FrameKind, bytes: Buffer, start: number, end: number): boolean {
    if (!writer.write(FrameKind.long, Buffer.from([kind]), 0, 1)) {
        return false;
    }
    const memory = new Uint8Array(end - start);
    memory.set(bytes.subarray(start, end));
    tell({ long: memory.buffer }, [memory.buffer]);
    return true;
}

const watch = new LogWatch(request.address, (logEnd) => tell({ logEnd }));

const stream = new ReplicationStream(request, {
    frame: (kind, bytes, start, end) =>
        end - start > writer.longest ? writeLong(kind, bytes, start, end) : writer.write(kind, bytes, start, end),
    ended: (error) => {
        watch.close();
        tell({ ended: plainError(error, serverErrorFacts) });
        port.close();
    },
});

port.on('message', (message: ToStreamThread) => {
    if (message === 'room') {
        stream.resume();
    } else if (message === 'close') {
        void stream.close();
    } else {
        stream.confirm(message.confirm);
    }
});

void stream.start();
