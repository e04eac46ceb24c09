import { createHash } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { ScannedValues } from '../../core/scanned-values.ts';
import { AheadScanner } from '../skeleton/ahead-scanner.ts';
import { type AheadMemory, valuesIn } from '../skeleton/scanned-ahead.ts';
import type { FromThread, ThreadData, ToThread } from './reading-thread.ts';

/** The thread of reading-thread.ts: reads on request, scans what it has read, and hashes. */

const port = parentPort as MessagePort;
const data = workerData as ThreadData;
const chunks = data.chunks.map((memory) => Buffer.from(memory));
const answered = new Int32Array(data.hash, 0, 1);
const answer = Buffer.from(data.hash, Int32Array.BYTES_PER_ELEMENT);
const values = data.ahead.map(valuesIn);
const scanner = new AheadScanner();
const hash = createHash('sha256');
let file: number | null = null;
let position = 0;

function tell(message: FromThread): void {
    port.postMessage(message);
}

function read(chunk: number): void {
    try {
        file ??= openSync(data.path, 'r');
        const bytes = chunks[chunk] as Buffer;
        const length = readSync(file, bytes, 0, bytes.length, position);
        position += length;
        scanner.scan(bytes, length, data.ahead[chunk] as AheadMemory, values[chunk] as ScannedValues);
        tell({ chunk, length });
    } catch (error) {
        tell({ error: error as Error });
    }
}

function take(message: ToThread): void {
    if ('begin' in message) {
        position = message.begin;
        for (const chunk of chunks.keys()) {
            read(chunk);
        }
    } else if ('read' in message) {
        read(message.read);
    } else if ('learn' in message) {
        scanner.learn(message.learn);
    } else if ('chunk' in message) {
        hash.update((chunks[message.chunk] as Buffer).subarray(message.from, message.to));
    } else if ('bytes' in message) {
        hash.update(message.bytes);
    } else {
        hash.copy().digest().copy(answer);
        Atomics.store(answered, 0, message.digest);
        Atomics.notify(answered, 0);
    }
}

port.on('message', (messages: readonly ToThread[]) => messages.forEach(take));
tell({ begun: true });
