import type { Hash } from 'node:crypto';

/** A SHA-256 that grows. */
export interface RunningHash {
    /** Takes bytes in. */
    update(bytes: Buffer): void;
    /** The hash, in hex, of what was taken in by now; it may be asked for until the next one is. */
    digest(): () => string;
}

/** One that is worked out at once; it goes on from `prefix`, which stays as it is. */
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
