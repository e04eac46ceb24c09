import type { Hash } from 'node:crypto';

/** An incremental SHA-256. */
export interface RunningHash {
    /** Adds bytes. */
    update(bytes: Buffer): void;
    /** Returns a function for the hex digest of all bytes so far, valid until this is called again. */
    digest(): () => string;
}

/** Hashes synchronously, continuing from a copy of `prefix`. */
export function runningHash(prefix: Hash): RunningHash {
    const hash = prefix.copy();
    return {
        update: (bytes) => {
            hash.update(bytes);
        },
        digest: () => {
            const hex = hash.copy().digest('hex');
            return () => hex;
        },
    };
}
