import { setTimeout as sleep } from 'node:timers/promises';
import type { EltError } from '../core/errors.ts';
import { unfilledOf } from '../ledger/filled-marts.ts';
import { type Database, othersVersion } from '../sqlite/database.ts';
import { schemaKind } from '../sqlite/schema-kind.ts';
import type { WantedPush } from './declared-targets.ts';
import type { Pusher, PushOptions, PushResult } from './pusher.ts';

interface FollowedPushes {
    readonly database: Database;
    readonly pusher: Pusher;
    /** What is to be pushed now; the same array as long as nothing has changed in the heads. */
    readonly wanted: () => readonly WantedPush[];
    readonly isOver: () => boolean;
    readonly begins: PushOptions['begins'];
    readonly observer: PushObserver;
}

export interface PushObserver {
    readonly pushed: (result: PushResult) => void;
    /** The first failure of a target, and any of another kind than the one before. */
    readonly failed: (result: PushResult & { readonly error: EltError }) => void;
}

/** A target that failed is left alone for so long, twice as long each time. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
const LOOK_MS = 100;

interface Failing {
    readonly code: string;
    readonly retryMs: number;
    readonly retryAt: number;
}

/** Pushes after each commit until it is over. A target that fails holds neither the others up nor this process. */
export async function followPushes(followed: FollowedPushes): Promise<void> {
    const { database, pusher, isOver, observer } = followed;
    const failing = new Map<string, Failing>();
    let seen: { readonly version: number; readonly wanted: readonly WantedPush[] } | null = null;
    while (!isOver()) {
        const now = { version: othersVersion(database), wanted: followed.wanted() };
        const isNew = seen === null || seen.version !== now.version || seen.wanted !== now.wanted;
        for (const wanted of now.wanted) {
            const key = `${wanted.mart}\0${wanted.address.name}`;
            const failed = failing.get(key);
            const isDue = failed === undefined ? isNew : performance.now() >= failed.retryAt;
            if (!isDue || isOver() || !isFilled(database, wanted.mart)) {
                continue;
            }
            const options = { isFull: false, skipsUpToDate: failed === undefined, begins: followed.begins };
            for (const result of await pusher.push([wanted], options)) {
                if (!('error' in result)) {
                    failing.delete(key);
                    observer.pushed(result);
                    continue;
                }
                const retryMs = Math.min(RETRY_MS_MAX, 2 * (failed?.retryMs ?? RETRY_MS_MIN / 2));
                failing.set(key, { code: result.error.code, retryMs, retryAt: performance.now() + retryMs });
                if (failed?.code !== result.error.code) {
                    observer.failed(result);
                }
            }
        }
        seen = now;
        await sleep(LOOK_MS);
    }
}

/** A mart that a first run has yet to create, or to fill, is no failure: an empty target would say that there is nothing. */
function isFilled(database: Database, mart: string): boolean {
    return schemaKind(database, mart) !== undefined && unfilledOf(database, [mart]).length === 0;
}
