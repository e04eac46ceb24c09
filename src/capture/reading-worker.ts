import { createHash } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './reading-thread.ts';

/** The thread of reading-thread.ts: reads when it is told to, and hashes. */

const port = parentPort as MessagePort;
const data = workerData as ThreadData;
const chunks = data.chunks.map((memory) => Buffer.from(memory));
const answered = new Int32Array(data.hash, 0, 1);
const answer = Buffer.from(data.hash, Int32Array.BYTES_PER_ELEMENT);
const hash = createHash('sha256');
let file: number | null = null;

function tell(message: FromThread): void {
    port.postMessage(message);
}

function read(chunk: number): void {
    try {
        file ??= openSync(data.path, 'r');
        tell({ chunk, length: readSync(file, chunks[chunk] as Buffer) });
    } catch (error) {
        tell({ error: error as Error });
    }
}

port.on('message', (message: ToThread) => {
    if ('read' in message) {
        read(message.read);
    } else if ('chunk' in message) {
        hash.update((chunks[message.chunk] as Buffer).subarray(message.from, message.to));
    } else if ('bytes' in message) {
        hash.update(message.bytes);
    } else {
        hash.copy().digest().copy(answer);
        Atomics.store(answered, 0, message.digest);
        Atomics.notify(answered, 0);
    }
});
for (const chunk of chunks.keys()) {
    read(chunk);
}
