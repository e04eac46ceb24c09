import { PostgresSource } from '../../capture/postgres/postgres-source.ts';
import { reachable } from '../../capture/postgres/reachable.ts';
import type { SourceFinding } from '../../capture/postgres/source-finding.ts';
import type { StreamMessage } from '../../capture/postgres/stream-message.ts';
import type { EltError } from '../../core/errors.ts';
import { lsnNumber } from '../../core/lsn.ts';
import type { StreamEvent } from '../../core/stream-event.ts';
import { StreamLanding } from '../../land/stream-landing.ts';
import { newByteless, readLoad, readStream, releaseStream } from '../../ledger/loads.ts';
import { HEARD_MS_MAX } from '../../ledger/source-lag.ts';
import {
    readSource,
    readSourceTables,
    readTypeNames,
    type SourceRow,
    saveTypeNames,
    updateSource,
} from '../../ledger/sources.ts';
import { declaredText } from '../../project/pipeline-settings.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import type { FollowedDecoder, FollowObserver, FollowParts, FollowWork, Pace } from '../follow-parts.ts';
import { landEvent } from '../land-event.ts';
import type { Backoff } from '../retry.ts';
import type { CopyProgress } from './copy-tables.ts';
import { heldPlace } from './held-place.ts';
import { noteTimeline } from './note-timeline.ts';
import { PlaceSeen } from './place-seen.ts';
import { SideCopies } from './side-copies.ts';
import { slotWait } from './slot-wait.ts';
import type { SourceOptions } from './source-options.ts';
import { pluginOptions, streamDecoder } from './stream-decoders.ts';
import { TableGate } from './table-gate.ts';

export interface FollowRequest extends FollowWork {
    readonly options: SourceOptions;
    /** Ends when everything that was committed at the start has landed. */
    readonly untilCaughtUp: boolean;
    readonly observer: LiveObserver;
}

export interface LiveObserver extends FollowObserver {
    note(text: string): void;
    found(finding: SourceFinding): void;
    copies(progress: CopyProgress): void;
    /** All tables are copied; the stream begins. */
    streams(source: SourceRow & { readonly tables: number }): void;
}

/** What a follower of a PostgreSQL server is made of. */
export class LiveParts implements FollowParts<StreamMessage, string> {
    readonly database: Database;
    readonly source: PostgresSource;
    readonly pace: Pace;
    readonly backoff: Backoff;
    readonly observer: FollowObserver;
    readonly #request: FollowRequest;
    readonly #row: SourceRow;
    readonly #target: bigint | null;
    #gate: TableGate;
    #seen: PlaceSeen;
    #isHeld: boolean;
    /** Models may read on: a landing that began before does not know. */
    #isReleased = false;
    /** Models wait for a transaction of their own. */
    #isApart = false;
    readonly #copies: SideCopies;
    #lastCommitAt: string | null;
    #error: string | null;
    /** Until when the ledger knows that the server was heard. */
    #heardAt = 0;

    constructor(request: FollowRequest, row: SourceRow, backoff: Backoff, target: string | null) {
        const { database, options, untilCaughtUp } = request;
        this.database = database;
        this.pace = request.pace;
        this.observer = request.observer;
        this.backoff = backoff;
        this.#request = request;
        this.#row = row;
        this.#target = untilCaughtUp && target !== null ? lsnNumber(reachable(target)) : null;
        this.#gate = new TableGate(readSourceTables(database, row.source_id));
        this.#seen = new PlaceSeen(row.end_lsn);
        this.#isHeld = readStream(database).held === 1;
        this.#lastCommitAt = row.last_commit_at;
        this.#error = row.error;
        const { settings, observer, interrupt } = request;
        const context = {
            database,
            settings,
            source: row,
            address: options.address,
            note: (text: string) => observer.note(text),
            wait: slotWait(interrupt, observer),
            newDecoder: () => streamDecoder(row.plugin, settings),
        };
        this.#copies = new SideCopies(context, this.#gate);
        this.source = new PostgresSource({
            address: options.address,
            slot: row.slot,
            plugin: row.plugin,
            options: () => {
                const tables = readSourceTables(database, row.source_id);
                this.#copies.opened(tables);
                return pluginOptions(row, tables);
            },
            held: () => heldPlace(database),
            met: (server) => noteTimeline(database, server, (text) => observer.note(text)),
            typeNames: () => readTypeNames(database, row.source_id),
            isWaitedFor: untilCaughtUp,
            lastCommitAt: () => this.#lastCommitAt,
        });
    }

    /** Models see the copies at once, if the stream need bring nothing more for that; and what an earlier run has left. */
    begin(): void {
        inTransaction(this.database, () => this.#join(this.#row.end_lsn ?? '0/0'));
        this.#isReleased = false;
        this.#isApart = false;
        if (!this.#isHeld) {
            this.#transformApart();
        }
    }

    newDecoder(): FollowedDecoder<StreamMessage> {
        const decoder = streamDecoder(this.#row.plugin, this.#request.settings);
        return {
            decode: (message, emit) => {
                this.#copies.hear(message);
                decoder.decode(message, emit);
                if (message.kind === 'facts') {
                    saveTypeNames(this.database, this.#row.source_id, message.facts.newNames);
                }
            },
        };
    }

    take(event: StreamEvent, message: StreamMessage, landing: StreamLanding): void {
        if (event.kind === 'commit') {
            this.#lastCommitAt = event.committedAt;
        }
        const passage = this.#gate.passage(event);
        if (passage === 'held' || event.kind === 'commit') {
            this.#copies.hold(event, message);
        }
        if (passage === 'lands') {
            landEvent(landing, event, () => message as Extract<StreamMessage, { kind: 'plugin' }>);
        }
    }

    newLanding(beforeCommit: () => void): StreamLanding {
        const { database, settings } = this.#request;
        const { load_id: loadId, source_id: sourceId } = readSource(database) as SourceRow;
        const load =
            loadId === null ? newByteless(`${this.#row.name} ${this.#row.slot}`, 'slot') : readLoad(database, loadId);
        this.#seen = new PlaceSeen(this.storedPlace());
        const landing = new StreamLanding(database, load, {
            ignorePositions: false,
            seen: this.#seen,
            policy: { drift: settings.drift, declared: declaredText(settings) },
            strict: false,
            needsPositions: null,
            // Commits are the follower's to make.
            commitRows: Number.POSITIVE_INFINITY,
            committed: () => undefined,
            digestAt: () => () => '',
            frameState: () => ({ kind: 'slot' }),
            beforeCommit,
        });
        if (loadId === null) {
            updateSource(database, sourceId, { load_id: landing.loadId });
        }
        return landing;
    }

    storedPlace(): string | null {
        return readSource(this.database)?.end_lsn ?? null;
    }

    savePlace(place: string): void {
        updateSource(this.database, this.#row.source_id, {
            end_lsn: place,
            ...this.#heard(),
            last_commit_at: this.#lastCommitAt,
        });
        this.#join(place);
    }

    /** How far the server's log went, and when it said so. */
    #heard(): Pick<SourceRow, 'server_lsn' | 'measured_at'> | null {
        const { logEnd } = this.source;
        if (logEnd === null) {
            return null;
        }
        this.#heardAt = logEnd.at;
        return { server_lsn: logEnd.lsn, measured_at: new Date(logEnd.at).toISOString() };
    }

    /** From the place on where all tables show one state of the source, models may see them. */
    #join(place: string): void {
        if (this.#isHeld && this.#hasReachedCopies(place)) {
            releaseStream(this.database);
            this.#isHeld = false;
            this.#isReleased = true;
            // The place may be one that brings no change: nothing else would run the models then.
            this.#isApart = true;
        }
        updateSource(this.database, this.#row.source_id, { phase: this.#isHeld ? 'snapshot' : 'streaming' });
    }

    /** Every table's copy is older than what has landed: all of them show one state of the source. */
    #hasReachedCopies(place: string): boolean {
        const reached = lsnNumber(place) ?? 0n;
        const tables = readSourceTables(this.database, this.#row.source_id);
        return tables.every(
            ({ state, snapshot_lsn: lsn }) => state === 'streaming' && (lsnNumber(lsn) ?? 0n) <= reached,
        );
    }

    transform(): void {
        const error = this.#isHeld ? null : this.#request.transform(false);
        this.#isApart = error === 'apart';
        if (error !== 'apart') {
            this.#noteError(error);
        }
    }

    #transformApart(): void {
        const error = this.#request.transform(true);
        this.#isApart = false;
        inTransaction(this.database, () => this.#noteError(error === 'apart' ? null : error));
    }

    #noteError(error: EltError | null): void {
        const text = error === null ? null : `${error.code}: ${error.message}`;
        if (text !== this.#error) {
            updateSource(this.database, this.#row.source_id, { error: text });
            this.#error = text;
        }
    }

    committed(): boolean {
        this.#copies.committed();
        if (this.#isApart) {
            this.#transformApart();
        }
        const isStale = this.#isReleased;
        this.#isReleased = false;
        return isStale;
    }

    abandoned(): void {
        this.#copies.abandoned();
    }

    async between(place: string | null): Promise<boolean> {
        if ((this.source.logEnd?.at ?? 0) - this.#heardAt >= HEARD_MS_MAX) {
            inTransaction(this.database, () => updateSource(this.database, this.#row.source_id, this.#heard() ?? {}));
        }
        const hasLanded = !this.#isHeld && (await this.#copies.step(place));
        if (hasLanded) {
            // No change need come for long that would run the models.
            this.#transformApart();
        }
        return hasLanded;
    }

    get wantsReopening(): boolean {
        return this.#copies.wantsReopening;
    }

    end(): void {
        this.#copies.close();
    }

    isDone(place: string): boolean {
        const isThere = this.#target !== null && (lsnNumber(place) ?? 0n) >= this.#target;
        return isThere && !this.#isHeld && !this.#copies.isBusy;
    }

    isInterrupted(): boolean {
        return this.#request.interrupt.requested();
    }
}
