import type { EltError } from '../../core/errors.ts';
import type { ServerConnection } from './server-connection.ts';
import type { TopicPlaces } from './topic-places.ts';

/** Offsets are committed to a group no more often. */
const REST_MS = 1_000;
/** How long the end of a reading waits for the last word to a group. */
const LAST_MS_MAX = 2_000;

/**
 * Commits what has landed to a consumer group, for tools that show the lag of groups. It is information and nothing
 * else: the group is never joined and never asked, and a commit that fails holds nothing up. Owns the offsets that the
 * group has not heard yet; a crash forgets them, and the next commit brings newer ones.
 */
export class GroupOffsets {
    readonly #connection: ServerConnection;
    readonly #group: string;
    readonly #failed: (error: EltError) => void;
    #waiting: TopicPlaces | null = null;
    #told = '';
    #sending: Promise<void> | null = null;
    #hasFailed = false;
    #isClosed = false;
    #wake: () => void = () => undefined;

    /** `failed` is called once for failures that follow each other. */
    constructor(connection: ServerConnection, group: string, failed: (error: EltError) => void) {
        this.#connection = connection;
        this.#group = group;
        this.#failed = failed;
    }

    /** Everything before these places has landed. */
    landed(places: TopicPlaces): void {
        this.#waiting = places;
        this.#sending ??= this.#sendAll().finally(() => {
            this.#sending = null;
        });
    }

    /** The last offsets have been sent, or that took too long. */
    async close(): Promise<void> {
        this.#isClosed = true;
        this.#wake();
        if (!this.#hasFailed) {
            await Promise.race([this.#sending, this.#rest(LAST_MS_MAX)]);
        }
        this.#wake();
    }

    async #sendAll(): Promise<void> {
        while (this.#waiting !== null) {
            const places = this.#waiting;
            this.#waiting = null;
            const text = places.map(({ topicId, partition, nextOffset }) => [topicId, partition, nextOffset]).join();
            if (text === this.#told) {
                continue;
            }
            try {
                await this.#connection.commitOffsets(this.#group, places);
                this.#told = text;
                this.#hasFailed = false;
            } catch (error) {
                if (!this.#hasFailed && !this.#isClosed) {
                    this.#failed(error as EltError);
                }
                this.#hasFailed = true;
            }
            if (!this.#isClosed) {
                await this.#rest(REST_MS);
            }
        }
    }

    #rest(milliseconds: number): Promise<void> {
        return new Promise((resolve) => {
            const timer = setTimeout(resolve, milliseconds);
            this.#wake = () => {
                clearTimeout(timer);
                resolve();
            };
        });
    }
}
