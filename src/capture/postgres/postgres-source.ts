import { commitTime } from '../../core/commit-time.ts';
import { EltError } from '../../core/errors.ts';
import { laterOf, lsnDistance, lsnNumber } from '../../core/lsn.ts';
import type { TypeNames } from '../../core/relation-facts.ts';
import { nameOf, type ServerAddress } from '../../postgres/server-address.ts';
import { isPassing, type ServerErrorFacts, serverError } from '../../postgres/server-error.ts';
import type { FollowedReading, FollowedSource, SourceLag } from '../source/followed-source.ts';
import type { LogEnd } from './log-watch.ts';
import { type MetServer, meetServer } from './meet-server.ts';
import { reachable } from './reachable.ts';
import { isLost, slotActive, slotHolder, slotState } from './replication-slot.ts';
import { refuseOtherHistory, type ServerHistory } from './server-history.ts';
import type { HeldPlace } from './server-identity.ts';
import { onlyStandby, publicationGone, slotAhead, slotGone, slotInvalid } from './slot-errors.ts';
import { type AfterMessage, afterPgoutput, afterWal2json, messagesOf, type StreamMessage } from './stream-message.ts';
import { type StreamEnd, StreamThread } from './stream-thread.ts';

/** What a slot is followed by. */
export interface SlotRequest {
    readonly address: ServerAddress;
    readonly slot: string;
    readonly plugin: 'pgoutput' | 'wal2json';
    readonly options: () => Readonly<Record<string, string>>;
    /** What the database holds of the source now. */
    readonly held: () => HeldPlace;
    /** The server continues what is held; it may be on a later timeline. */
    readonly met: (server: ServerHistory) => void;
    readonly typeNames: () => TypeNames;
    /** When the last transaction that has landed was committed, as the stream tells it. */
    readonly lastCommitAt: () => string | null;
    /** A caller that waits for a place of the log wants to hear more often how far the server is. */
    readonly isWaitedFor: boolean;
}

/** A replication slot that is there: see `begin-source.ts` for how it came to be. */
export class PostgresSource implements FollowedSource<StreamMessage, string> {
    readonly name: string;
    #reading: SlotReading | null = null;
    readonly #request: SlotRequest;

    constructor(request: SlotRequest) {
        this.#request = request;
        this.name = nameOf(request.address);
    }

    /**
     * @throws EltError SOURCE_DIFFERENT, SOURCE_DIVERGED, SLOT_LOST, SLOT_AHEAD where changes would be missing; SLOT_ACTIVE; those of
     *     `ServerConnection.open`.
     */
    async open(place: string | null): Promise<SlotReading> {
        const { address, slot, options, plugin, typeNames, isWaitedFor } = this.#request;
        const from = place ?? '0/0';
        await this.#refuseMissingChanges(from);
        const thread = new StreamThread({
            address,
            slot,
            options: options(),
            from,
            namesRelations: plugin === 'pgoutput',
            typeNames: typeNames(),
            isWaitedFor,
        });
        const afterMessage = plugin === 'pgoutput' ? afterPgoutput : afterWal2json;
        this.#reading = new SlotReading(thread, this.#request, from, afterMessage);
        return this.#reading;
    }

    /** How far the server's log went when it was last asked; null: it has not answered yet. */
    get logEnd(): LogEnd | null {
        return this.#reading?.logEnd ?? null;
    }

    /** A server that begins later than asked says nothing: what it left out would be missing without a word. */
    async #refuseMissingChanges(place: string): Promise<void> {
        const { address, slot, held, met } = this.#request;
        const server = await meetServer(address);
        const { connection, history } = server;
        try {
            const wanted = held();
            refuseOtherHistory(wanted, history);
            await refuseUnusable(server, slot, place, history.timeline !== wanted.timeline);
            met(history);
        } catch (error) {
            throw serverError(error, address, 'look at the replication slot');
        } finally {
            await connection.close();
        }
    }
}

async function refuseUnusable(server: MetServer, name: string, place: string, tookOver: boolean): Promise<void> {
    const { connection, facts } = server;
    const slot = await slotState(connection, name);
    if (facts.isInRecovery && (slot === null || slot.isSynced)) {
        throw onlyStandby(name);
    }
    if (slot === null) {
        throw slotGone(name, tookOver);
    }
    if (isLost(slot)) {
        throw slotInvalid(name, slot);
    }
    const confirmed = slot.confirmedLsn ?? '0/0';
    if ((lsnNumber(confirmed) ?? 0n) > (lsnNumber(place) ?? 0n)) {
        throw slotAhead(name, confirmed, place);
    }
    if (slot.activePid !== null) {
        throw slotActive(name, slot.activePid, await slotHolder(connection, slot.activePid));
    }
}

class SlotReading implements FollowedReading<StreamMessage, string> {
    readonly #thread: StreamThread;
    readonly #request: SlotRequest;
    readonly #afterMessage: AfterMessage;
    #acknowledged: string;
    #received: string;
    #position: bigint;
    #isClosed = false;

    constructor(thread: StreamThread, request: SlotRequest, from: string, afterMessage: AfterMessage) {
        this.#thread = thread;
        this.#request = request;
        this.#acknowledged = from;
        this.#received = from;
        this.#position = lsnNumber(from) ?? 0n;
        this.#afterMessage = afterMessage;
    }

    async next(waitMs: number): Promise<readonly StreamMessage[]> {
        const messages: StreamMessage[] = [];
        const take = (message: StreamMessage): void => {
            const onward = message.after === null ? message : this.#onward(message, message.after);
            if (onward !== null) {
                messages.push(onward);
            }
        };
        await this.#thread.next(waitMs, (kind, source, start, end) =>
            messagesOf(kind, source, start, end, this.#afterMessage, take),
        );
        const { ended } = this.#thread;
        if (messages.length === 0 && ended !== undefined && !this.#isClosed) {
            throw this.#errorOf(ended);
        }
        return messages;
    }

    /**
     * A stream begins where the server can begin to read, and tells of places before the one that it was asked for: who
     * went back to them would get again what has landed.
     */
    #onward(message: StreamMessage, after: string): StreamMessage | null {
        const position = lsnNumber(after) ?? 0n;
        if (position <= this.#position) {
            return message.kind === 'idle' ? null : { ...message, after: this.#received };
        }
        this.#position = position;
        this.#received = after;
        return message;
    }

    acknowledge(place: string): void {
        this.#acknowledged = place;
        this.#thread.confirm(place);
    }

    lag(): SourceLag {
        const end = this.logEnd;
        if (end === null) {
            return { behind: null, unit: 'bytes', seconds: null };
        }
        const behind = lsnDistance(this.#acknowledged, laterOf(end.lsn, this.#received));
        const now = Date.now();
        const committed = commitTime(this.#request.lastCommitAt() ?? '');
        const since = behind === 0 || committed === null ? end.at : Math.min(end.at, committed);
        return { behind, unit: 'bytes', seconds: behind > 0 && committed === null ? null : (now - since) / 1_000 };
    }

    get logEnd(): LogEnd | null {
        const { logEnd } = this.#thread;
        return logEnd === null ? null : { ...logEnd, lsn: reachable(logEnd.lsn) };
    }

    async close(): Promise<void> {
        this.#isClosed = true;
        await this.#thread.close();
    }

    #errorOf(end: StreamEnd): EltError {
        if (end === null) {
            return new EltError({ code: 'SOURCE_UNREACHABLE', message: 'the stream has ended' });
        }
        return 'known' in end
            ? new EltError(end.known)
            : slotError(end.server, this.#request.slot, this.#request.address);
    }
}

/** What the server says when a stream cannot begin or continue, by its SQLSTATE: the words differ between versions. */
function slotError(facts: ServerErrorFacts, slot: string, address: ServerAddress): EltError {
    const cause = `${facts.code}: ${facts.message}`;
    if (facts.code === '55006') {
        const pid = Number(/PID (\d+)/.exec(facts.message)?.[1] ?? 0);
        return slotActive(slot, pid, 'see pg_stat_activity').withNew({ cause });
    }
    if (facts.code === '55000') {
        return slotInvalid(slot, null).withNew({ cause });
    }
    if (facts.code === '42704') {
        // The slot was there when the stream was asked for.
        return publicationGone(slot).withNew({ cause });
    }
    const error = Object.assign(new Error(facts.message), facts);
    return isPassing(facts)
        ? serverError(error, address, 'continue the stream')
        : serverError(error, address, 'stream the changes');
}
