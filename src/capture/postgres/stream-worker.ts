import { parentPort, workerData } from 'node:worker_threads';
import { ReplicationStream, type StreamRequest } from './replication-stream.ts';
import { serverErrorFacts } from './server-error.ts';
import { type FromStreamThread, plainError, type ToStreamThread } from './stream-thread.ts';

/** The thread of `stream-thread.ts`: a replication connection that is answered whatever the landing does. */

const port = parentPort;
if (port === null) {
    throw new Error('this program is started as a thread');
}
const tell = (message: FromStreamThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

const stream = new ReplicationStream(workerData as StreamRequest, {
    batch: (bytes) => {
        const memory = bytes.buffer as ArrayBuffer;
        tell({ batch: memory, length: bytes.length }, [memory]);
    },
    ended: (error) => {
        tell({ ended: plainError(error, serverErrorFacts) });
        port.close();
    },
});

port.on('message', (message: ToStreamThread) => {
    if ('confirm' in message) {
        stream.confirm(message.confirm);
    } else if ('release' in message) {
        stream.release(message.release);
    } else {
        void stream.close();
    }
});

void stream.start();
