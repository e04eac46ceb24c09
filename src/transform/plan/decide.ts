import { readStream } from '../../ledger/loads.ts';
import { type ModelState, readModelStates, readWatermarks, type Watermark } from '../../ledger/model-state.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { prepared } from '../../sqlite/kept-statements.ts';
import type { FollowedModel } from '../current/follow-drift.ts';
import { isSameKey } from '../current/key-history.ts';
import type { MartUpkeep } from '../marts/mart-upkeep.ts';
import type { ModelPlan, OrderedModel } from './model-order.ts';

/** Why a model runs as it does. */
type RunReason =
    | 'first run'
    | 'edited'
    | 'requested'
    | 'columns changed'
    | 'upstream filled anew'
    | 'new changes'
    | 'upstream ran since'
    | 'upkeep changed'
    | 'nothing new'
    | 'not selected'
    | 'not landed yet'
    | 'key changed'
    | 'reads what is stopped';

/**
 * What a run does with a model: `full` empties it and fills it from scratch, `incremental` takes in the new changes,
 * `idle` leaves it alone, `waiting` cannot run yet. A current table that cannot follow the key of its relation is
 * `stopped`, and what reads it is `held`: both stay as they are.
 */
export interface PlannedModel {
    readonly ordered: OrderedModel;
    readonly followed: FollowedModel;
    /** Of a mart of one SELECT. */
    readonly upkeep: MartUpkeep | undefined;
    readonly action: 'full' | 'incremental' | 'idle' | 'waiting' | 'stopped' | 'held';
    readonly reason: RunReason;
    /** What those that read it find: rows that changed, one by one, or all rows anew. */
    readonly brings: 'nothing' | 'changes' | 'all anew';
    /** Staged changes that it has not taken in yet. */
    readonly lag: number;
    /** The last `_seq` of staging as the run begins. */
    readonly lastSeq: number;
}

/** The actions of models that stay as they are because something is missing. */
export const CANNOT_RUN: ReadonlySet<PlannedModel['action']> = new Set(['waiting', 'stopped', 'held']);

export interface RunRequest {
    /** Only these models; all if empty. */
    readonly select: readonly string[];
    /** Fill the selected models from scratch. */
    readonly rebuild: boolean;
}

/** Decides for each model, in order, what the run does with it. Only reads the database. */
export function decideRuns(
    database: Database,
    { order, upkeeps }: ModelPlan,
    followed: ReadonlyMap<string, FollowedModel>,
    request: RunRequest,
): readonly PlannedModel[] {
    const stream = readStream(database);
    const watermarks = readWatermarks(database);
    const states = readModelStates(database);
    const planned = new Map<string, PlannedModel>();
    for (const ordered of order) {
        const model = followed.get(ordered.model) as FollowedModel;
        const watermark = watermarks.get(ordered.model);
        const selected = request.select.length === 0 || request.select.includes(ordered.model);
        const upkeep = upkeeps[ordered.model];
        const facts: Facts = {
            ordered,
            followed: model,
            watermark,
            state: states.get(ordered.model),
            upstream: ordered.upstream.flatMap((name) => planned.get(name) ?? []),
            upstreamTick: Math.max(0, ...ordered.upstream.map((name) => watermarks.get(name)?.taken_tick ?? 0)),
            wholeSeq: stream.whole_seq,
            selected,
            rebuild: request.rebuild,
            upkeep,
            isStagedSince: (seq) =>
                seq < stream.last_seq && ordered.reads.some((table) => hasLater(database, table, seq)),
        };
        const [action, reason] = decide(facts);
        const brings = action === 'full' ? 'all anew' : action === 'incremental' ? bringsOf(facts, reason) : 'nothing';
        const lag = stream.whole_seq - (watermark?.watermark ?? 0);
        const lastSeq = stream.last_seq;
        planned.set(ordered.model, { ordered, followed: model, upkeep, action, reason, brings, lag, lastSeq });
    }
    return [...planned.values()];
}

interface Facts {
    readonly ordered: OrderedModel;
    readonly followed: FollowedModel;
    readonly watermark: Watermark | undefined;
    readonly state: ModelState | undefined;
    readonly upstream: readonly PlannedModel[];
    readonly upstreamTick: number;
    readonly wholeSeq: number;
    readonly selected: boolean;
    readonly rebuild: boolean;
    /** Of a mart of one SELECT. */
    readonly upkeep: MartUpkeep | undefined;
    /** Whether a staging table that it reads has rows after a `_seq`. */
    readonly isStagedSince: (seq: number) => boolean;
}

function decide(facts: Facts): readonly [PlannedModel['action'], RunReason] {
    const { ordered, followed, watermark, state, upstream } = facts;
    if (ordered.waitsFor !== null) {
        return ['waiting', 'not landed yet'];
    }
    if (followed.stop !== null) {
        return ['stopped', 'key changed'];
    }
    if (upstream.some((other) => other.action === 'stopped' || other.action === 'held')) {
        return ['held', 'reads what is stopped'];
    }
    if (upstream.some((other) => isAnewFor(facts, other))) {
        return ['full', state === undefined ? 'first run' : 'upstream filled anew'];
    }
    if (!facts.selected) {
        return ['idle', 'not selected'];
    }
    if (facts.rebuild) {
        return ['full', 'requested'];
    }
    const followsOn = state?.scaffolded === 1 && followed.onlyAddsColumns;
    if (state !== undefined && state.text_hash !== ordered.textHash && !followsOn) {
        return [
            'full',
            facts.upkeep !== undefined ? martReason(state.text_hash, ordered.textHash) : reasonOfEdit(followed),
        ];
    }
    const isUpstreamNew = isUpstreamAhead(facts) || upstream.some((other) => other.action !== 'idle');
    if (followed.model.kind === 'view') {
        // It shows what there is: a run makes sure that it is there, and tests what it shows.
        return state === undefined
            ? ['full', 'first run']
            : isUpstreamNew
              ? ['incremental', 'new changes']
              : ['idle', 'nothing new'];
    }
    if (isPlain(ordered)) {
        // A view shows what is staged; a table that was filled from it without a watermark does not.
        const isNew = state === undefined || isUpstreamNew || facts.isStagedSince(state.taken_seq);
        return isNew ? ['full', state === undefined ? 'first run' : 'new changes'] : ['idle', 'nothing new'];
    }
    if (watermark === undefined || watermark.watermark === 0) {
        return ['full', 'first run'];
    }
    if (watermark.watermark < facts.wholeSeq || upstream.some((other) => other.action === 'incremental')) {
        return ['incremental', 'new changes'];
    }
    if (watermark.taken_tick < facts.upstreamTick) {
        return ['incremental', 'upstream ran since'];
    }
    // The rows are right, but its triggers, indexes or arms are to be others from now on.
    return state !== undefined && state.sql_hash !== ordered.sqlHash
        ? ['incremental', 'upkeep changed']
        : ['idle', 'nothing new'];
}

/** Whether a model must be filled from scratch for what another one brings. */
function isAnewFor({ followed, upkeep }: Facts, other: PlannedModel): boolean {
    // A refilled model records no single changes.
    if (other.brings === 'all anew') {
        return true;
    }
    // Nor does a view. The upkeep of a mart asks the tables that the view reads; a hand-written file may not.
    const isOfView = other.followed.model.kind === 'view' && followed.model.kind !== 'view';
    return isOfView && upkeep === undefined && other.brings === 'changes';
}

/** What an incremental run of a model brings: each one moves its watermark, but not each one finds something. */
function bringsOf(facts: Facts, reason: RunReason): PlannedModel['brings'] {
    const { followed, watermark, state, upstream, upkeep } = facts;
    const { kind } = followed.model;
    if (reason === 'upkeep changed') {
        return 'nothing';
    }
    // A hand-written file, and a mart that is compared in full, may read what changes unnoticed.
    const isKnown =
        kind === 'view' ||
        upkeep?.how.inFull.length === 0 ||
        (followed.spec !== null && followed.alterations.length === 0);
    const isStaged = facts.isStagedSince(watermark?.watermark ?? state?.taken_seq ?? 0);
    const isChanged = isStaged || isUpstreamAhead(facts) || upstream.some((other) => other.brings !== 'nothing');
    return !isKnown || reason !== 'new changes' || isChanged ? 'changes' : 'nothing';
}

/** A model that it reads has run since, alone or by hand. */
function isUpstreamAhead({ state, watermark, upstreamTick }: Facts): boolean {
    return upstreamTick > (watermark?.taken_tick ?? state?.taken_tick ?? 0);
}

function hasLater(database: Database, table: string, seq: number): boolean {
    return (
        table.startsWith('stg_') &&
        prepared(database, `select 1 from ${quoteName(table)} where _seq > ? limit 1`).get(seq) !== undefined
    );
}

/** Why the text of a file is another one than before. */
function reasonOfEdit({ spec, generated }: FollowedModel): RunReason {
    const isOtherKey = spec?.keyInFile !== undefined && !isSameKey(spec.key, spec.keyInFile);
    return generated ? (isOtherKey ? 'key changed' : 'columns changed') : 'edited';
}

/** The part of a mart's hash before the dash is that of its SELECT. */
function martReason(before: string, now: string): RunReason {
    return before.split('-', 1)[0] === now.split('-', 1)[0] ? 'columns changed' : 'edited';
}

/** A file that moves no watermark: it does all of its work every time. */
function isPlain(ordered: OrderedModel): boolean {
    return !ordered.writes.includes('elt_watermarks');
}
