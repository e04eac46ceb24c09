import type { FollowedMessage, FollowedReading, SourceLag } from '../capture/source/followed-source.ts';
import type { StreamEvent } from '../core/stream-event.ts';
import type { StreamLanding } from '../land/stream-landing.ts';
import { failpoint } from '../process/failpoint.ts';
import { inTransaction, useSqliteWal } from '../sqlite/database.ts';
import type { FollowedDecoder, FollowParts, FollowProgress } from './follow-parts.ts';
import { retrying } from './retry.ts';

/** Beyond so many changes a commit does not wait for others. */
const COMMIT_CHANGES = 20_000;
/** How long a wait may last when nothing comes: signals, and requests of other commands, are looked for in between. */
const IDLE_WAIT_MS = 250;
/** Between two commits, which wait for the disk twice: a change that comes alone waits for neither. */
const REST_MS_MIN = 50;
/** How often a place is stored that only says how far the source is. */
const IDLE_SAVE_MS = 1_000;

/**
 * Follows a source until it is interrupted or has seen all that it was asked for.
 *
 * Owns the order of things: messages are decoded and landed, and at a place where no transaction of the source is open
 * everything since the last such place is committed with that place and the marts; only then is it acknowledged. A
 * crash leaves the last commit, and the source sends the rest again.
 */
export class Follower<Message extends FollowedMessage<Place>, Place> {
    readonly #parts: FollowParts<Message, Place>;
    #reading: FollowedReading<Message, Place> | null = null;
    #decoder: FollowedDecoder<Message>;
    #landing: StreamLanding | null = null;
    #isOpen = false;
    /** Behind the last whole transaction that was taken, and that is stored. */
    #place: Place | null = null;
    #isStored = true;
    #isAsked = false;
    /** Since when something waits to be committed; null: nothing does. */
    #waitsSince: number | null = null;
    #committedAt = 0;
    #commitMs = 0;
    #idleSavedAt = 0;
    #changes = 0;
    /** Messages of the source that wait to be committed. */
    #messages = 0;
    #commits = 0;
    #message: Message | null = null;

    constructor(parts: FollowParts<Message, Place>) {
        this.#parts = parts;
        this.#decoder = parts.newDecoder();
    }

    /** Resolves when it is done; an interrupted one has committed what was whole. */
    async run(): Promise<void> {
        const { backoff, observer } = this.#parts;
        try {
            await retrying(backoff, observer, async (works) => {
                try {
                    await this.#open();
                    await this.#follow(works);
                } catch (error) {
                    this.#abandon();
                    throw error;
                }
            });
        } finally {
            this.#abandon();
            await this.#reading?.close();
        }
    }

    async #open(): Promise<void> {
        const parts = this.#parts;
        await this.#reading?.close();
        this.#reading = null;
        this.#decoder = parts.newDecoder();
        this.#place = parts.storedPlace();
        this.#isStored = true;
        this.#reading = await parts.source.open(this.#place);
        parts.observer.connected();
    }

    async #follow(works: () => void): Promise<void> {
        const parts = this.#parts;
        for (;;) {
            if (!this.#isOpen) {
                // A first copy and a first fill may have kept a rollback journal; a reader may have prevented the return.
                useSqliteWal(parts.database);
            }
            const messages = await this.#next();
            for (const message of messages) {
                works();
                if (this.#isFull(message)) {
                    await this.#commit();
                }
                this.#take(message);
                if (this.#isOverdue()) {
                    await this.#commit();
                }
            }
            // As long as messages come without a pause they are better committed together.
            if (messages.length === 0 && this.#isDue()) {
                await this.#commit();
            }
            if (parts.isInterrupted() || this.#isDone()) {
                await this.#commitRest();
                return;
            }
            if (!this.#isOpen && (await parts.between(this.#isStored ? this.#place : null))) {
                this.#dropLanding();
            }
            if (!this.#isOpen && parts.wantsReopening === true) {
                await this.#open();
            }
            if (messages.length === 0) {
                parts.observer.progressed(this.#progress(null));
            }
        }
    }

    async #next(): Promise<readonly Message[]> {
        const reading = this.#reading as FollowedReading<Message, Place>;
        return await reading.next(this.#parts.isInterrupted() ? 0 : this.#waitMs());
    }

    #take(message: Message): void {
        if (!message.isIdle) {
            this.#openLanding();
            this.#message = message;
            this.#decoder.decode(message, this.#takeEvent);
            this.#waitsSince ??= performance.now();
            this.#messages += message.size ?? 1;
        }
        if (message.after !== null && message.after !== this.#place) {
            this.#place = message.after;
            this.#isStored = false;
        }
        this.#isAsked ||= message.wantsAnswer;
    }

    /** One function for all messages: a landing makes millions of events. */
    readonly #takeEvent = (event: StreamEvent): void => {
        this.#parts.take(event, this.#message as Message, this.#landing as StreamLanding);
    };

    /** The write lock is held from the first message on, as long as a transaction of the source arrives. */
    #openLanding(): void {
        if (this.#isOpen) {
            return;
        }
        if (this.#landing === null) {
            this.#landing = this.#parts.newLanding(this.#beforeCommit);
        } else {
            this.#landing.resume();
        }
        this.#isOpen = true;
    }

    readonly #beforeCommit = (): void => {
        if (this.#place !== null) {
            this.#parts.savePlace(this.#place);
        }
        failpoint('landed');
        this.#parts.transform();
        failpoint('transformed');
    };

    /** No transaction of the source is under way. */
    get #isWhole(): boolean {
        return this.#landing?.isWhole !== false;
    }

    #isDue(): boolean {
        if (!this.#isWhole || (this.#isStored && !this.#isOpen)) {
            return false;
        }
        const now = performance.now();
        if (!this.#isOpen) {
            const isEnd = this.#place !== null && this.#parts.isDone(this.#place);
            return this.#isAsked || isEnd || now - this.#idleSavedAt >= IDLE_SAVE_MS;
        }
        return now >= this.#dueAt();
    }

    /** With this message more would be committed together than was asked for. */
    #isFull({ size = 1 }: Message): boolean {
        const { messagesMax } = this.#parts.pace;
        return messagesMax !== undefined && this.#isOpen && this.#isWhole && this.#messages + size > messagesMax;
    }

    /** What waits has waited long enough, or is enough, although more is coming. */
    #isOverdue(): boolean {
        if (!this.#isOpen || this.#message?.after === null || !this.#isWhole) {
            return false;
        }
        const landing = this.#landing as StreamLanding;
        const { everyMs, messagesMax = COMMIT_CHANGES } = this.#parts.pace;
        return (
            this.#messages >= messagesMax ||
            landing.uncommitted >= COMMIT_CHANGES ||
            performance.now() >= Math.max(this.#waitsSince ?? 0, this.#committedAt) + everyMs
        );
    }

    /** When what waits is to be committed. */
    #dueAt(): number {
        const { everyMs, isFixed } = this.#parts.pace;
        const since = this.#waitsSince ?? 0;
        if (isFixed) {
            return Math.max(since, this.#committedAt + everyMs);
        }
        const rest = Math.min(everyMs, Math.max(REST_MS_MIN, this.#commitMs));
        return Math.min(since + everyMs, this.#committedAt + rest);
    }

    #waitMs(): number {
        if (!this.#isWhole) {
            return IDLE_WAIT_MS;
        }
        const now = performance.now();
        if (this.#isOpen) {
            return Math.max(0, this.#dueAt() - now);
        }
        const untilSaved = this.#isStored ? IDLE_WAIT_MS : this.#idleSavedAt + IDLE_SAVE_MS - now;
        return Math.max(0, Math.min(IDLE_WAIT_MS, untilSaved));
    }

    async #commit(): Promise<void> {
        const began = performance.now();
        const place = this.#place;
        if (this.#isOpen) {
            const landing = this.#landing as StreamLanding;
            this.#changes += landing.uncommitted;
            landing.pause();
            this.#isOpen = false;
            this.#commits++;
        } else if (place !== null) {
            inTransaction(this.#parts.database, () => this.#parts.savePlace(place));
        }
        failpoint('committed');
        if (this.#parts.committed()) {
            this.#dropLanding();
        }
        const now = performance.now();
        this.#isStored = true;
        this.#isAsked = false;
        this.#waitsSince = null;
        this.#messages = 0;
        this.#idleSavedAt = now;
        this.#committedAt = now;
        this.#commitMs = now - began;
        if (place !== null) {
            this.#reading?.acknowledge(place);
        }
        this.#parts.observer.progressed(this.#progress(this.#commitMs));
        // What a commit prepared is given back when the event loop turns.
        await new Promise((resolve) => setImmediate(resolve));
    }

    /** At the end: what is whole, and the place. */
    async #commitRest(): Promise<void> {
        if (this.#isWhole && (this.#isOpen || !this.#isStored)) {
            await this.#commit();
        }
    }

    #isDone(): boolean {
        return this.#place !== null && this.#isStored && !this.#isOpen && this.#parts.isDone(this.#place);
    }

    #lag(): SourceLag {
        return this.#reading?.lag() ?? { behind: null, unit: 'bytes', seconds: null };
    }

    #progress(milliseconds: number | null): FollowProgress {
        return { changes: this.#changes, commits: this.#commits, lag: this.#lag(), milliseconds };
    }

    /** What is not committed is sent again. */
    #abandon(): void {
        if (this.#isOpen) {
            this.#isOpen = false;
            this.#dropLanding();
        }
        this.#waitsSince = null;
        this.#messages = 0;
        this.#parts.abandoned();
    }

    #dropLanding(): void {
        this.#landing?.abandon();
        this.#landing = null;
    }
}
