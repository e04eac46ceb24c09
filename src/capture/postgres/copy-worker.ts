import { openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { serverErrorFacts } from '../../postgres/server-error.ts';
import { type CopyRequest, CopyStream } from './copy-stream.ts';
import type { FromCopyThread, ToCopyThread } from './copy-thread.ts';
import { plainError } from './stream-thread.ts';

/** The thread of `copy-thread.ts`: reads rows from the server while the landing writes others. */

const port = parentPort;
if (port === null) {
    throw new Error('this program is started as a thread');
}
const tell = (message: FromCopyThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);

/** Where rows go instead of to the landing. */
let file: number | null = null;

const opened = CopyStream.open(workerData as CopyRequest, {
    rows: (bytes) => {
        if (file !== null) {
            for (let written = 0; written < bytes.length; ) {
                written += writeSync(file, bytes, written);
            }
            void opened.then((stream) => stream.release(bytes.length));
            return;
        }
        const memory = bytes.buffer as ArrayBuffer;
        tell({ rows: memory, length: bytes.length }, [memory]);
    },
});
opened.then(
    () => tell({ opened: true }),
    (error: unknown) => tell({ failed: plainError(error, serverErrorFacts) }),
);

port.on('message', async (message: ToCopyThread) => {
    try {
        const stream = await opened;
        if ('copy' in message) {
            await stream.copy(message.copy);
            tell({ copied: true });
        } else if ('into' in message) {
            file = openSync(message.into, 'w', 0o600);
            tell({ copied: true });
        } else {
            stream.release(message.release);
        }
    } catch (error) {
        tell({ failed: plainError(error, serverErrorFacts) });
    }
});
