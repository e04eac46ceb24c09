import { isLost, slotState } from '../../capture/postgres/replication-slot.ts';
import { slotGone, slotInvalid } from '../../capture/postgres/slot-errors.ts';
import type { EltError } from '../../core/errors.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';

const LOOK_MS = 1_000;

/**
 * Looks every second whether a slot that nobody reads yet is still good: a copy that takes hours is for nothing when
 * the server has given up its slot meanwhile. Owns a timer; `stop` ends it.
 */
export class SlotWatch {
    readonly #timer: NodeJS.Timeout;
    #isLooking = false;
    /** What has become of it; null: it is good, as far as the server can be asked. */
    loss: EltError | null = null;

    constructor(connection: ServerConnection, slot: string) {
        const look = async (): Promise<void> => {
            const state = await slotState(connection, slot);
            if (state === null) {
                this.loss = slotGone(slot);
            } else if (isLost(state)) {
                this.loss = slotInvalid(slot, state);
            }
        };
        this.#timer = setInterval(() => {
            if (!this.#isLooking && this.loss === null) {
                this.#isLooking = true;
                look()
                    // The copy notices too when the server cannot be reached.
                    .catch(() => undefined)
                    .finally(() => {
                        this.#isLooking = false;
                    });
            }
        }, LOOK_MS);
    }

    stop(): void {
        clearInterval(this.#timer);
    }
}
