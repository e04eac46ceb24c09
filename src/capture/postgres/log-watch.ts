import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { logEnd } from './server-facts.ts';

const ASK_MS = 5_000;

/** Where the server's log ended, and when it said so: milliseconds since 1970. */
export interface LogEnd {
    readonly lsn: string;
    readonly at: number;
}

/**
 * Asks every few seconds how far the server's log goes: a stream tells only how far it has come itself, and would seem
 * to be at the end of a log of which it has read a tenth. Owns a connection, which it opens again when it is lost.
 */
export class LogWatch {
    readonly #address: ServerAddress;
    readonly #heard: (end: LogEnd) => void;
    #connection: ServerConnection | null = null;
    #timer: NodeJS.Timeout | undefined;
    #isClosed = false;

    constructor(address: ServerAddress, heard: (end: LogEnd) => void) {
        this.#address = address;
        this.#heard = heard;
        void this.#ask();
    }

    close(): void {
        this.#isClosed = true;
        clearTimeout(this.#timer);
        this.#connection?.destroy();
    }

    async #ask(): Promise<void> {
        try {
            if (this.#connection?.isBroken !== false) {
                this.#connection = await ServerConnection.open(this.#address);
            }
            const lsn = await logEnd(this.#connection);
            if (!this.#isClosed) {
                this.#heard({ lsn, at: Date.now() });
            }
        } catch {
            // The stream notices too, and ends by it; until then the age of the last answer says it.
            this.#connection?.destroy();
            this.#connection = null;
        }
        if (this.#isClosed) {
            this.#connection?.destroy();
        } else {
            this.#timer = setTimeout(() => void this.#ask(), ASK_MS);
        }
    }
}
