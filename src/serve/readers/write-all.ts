import { writeSync } from 'node:fs';

const FULL_PIPE_MS = 1;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** Writes to standard output, and waits if the pipe is full: there is nothing else to do meanwhile. */
export function writeAll(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) {
        written += writeSome(bytes, written);
    }
}

function writeSome(bytes: Buffer, from: number): number {
    try {
        return writeSync(1, bytes, from);
    } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') {
            // The server has ended, or its client has: this answer is not needed.
            process.exit(0);
        }
        if (code !== 'EAGAIN') {
            throw error;
        }
        Atomics.wait(NEVER, 0, 0, FULL_PIPE_MS);
        return 0;
    }
}
