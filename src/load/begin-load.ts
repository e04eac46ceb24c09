import { createHash, type Hash } from 'node:crypto';
import type { Source } from '../capture/source/source.ts';
import { EltError } from '../core/errors.ts';
import {
    headLengths,
    type LoadRow,
    loadsOfPath,
    loadsWithHead,
    type NewLoad,
    readLoad,
    readStream,
} from '../ledger/loads.ts';
import { unendedPlace } from '../ledger/unended-place.ts';
import type { Interrupt } from '../process/interrupt.ts';
import { begin, type Database, othersVersion, rollback } from '../sqlite/database.ts';
import { type Recognised, recognise } from './recognise.ts';

/** The source's kind, and where its load begins. */
export type LoadStart =
    | { readonly kind: 'same'; readonly source: Source; readonly load: LoadRow }
    | {
          readonly source: Source;
          readonly kind: 'new' | 'resumes' | 'grown';
          readonly load: LoadRow | NewLoad;
          readonly startByte: number;
          readonly prefix: Hash;
          readonly needsPositions: EltError | null;
          /** The load whose last row is to be taken back, because the source continues within it. */
          readonly takesBack: LoadRow | null;
      };

interface BeginOptions {
    readonly asNew: boolean;
    readonly interrupt: Pick<Interrupt, 'checkNowAndThen'>;
}

/**
 * Decides where the load begins; the write lock is held afterwards unless there is nothing to do. A source may be long,
 * so it is compared with the ledger before the lock is taken, and compared again if another process has written
 * meanwhile (it may have landed this very source).
 */
export async function recogniseAndLock(database: Database, source: Source, options: BeginOptions): Promise<LoadStart> {
    const version = othersVersion(database);
    const start = await recogniseSource(database, source, options).catch(unread);
    if (start.kind === 'same') {
        return start;
    }
    begin(database);
    if (othersVersion(database) === version) {
        return start;
    }
    try {
        const again = await recogniseSource(database, start.source, options);
        if (again.kind === 'same') {
            rollback(database);
        }
        return again;
    } catch (error) {
        rollback(database);
        throw error;
    }
}

/** For a source that cannot be read far enough to be recognised. */
function unread(error: unknown): never {
    throw error instanceof EltError && error.exitStatus === 3
        ? error.withMissing({ state: 'nothing of it was landed by this command' })
        : error;
}

/** Compares the source with the ledger and decides where to begin. */
async function recogniseSource(
    database: Database,
    given: Source,
    { asNew, interrupt }: BeginOptions,
): Promise<LoadStart> {
    const { recognised, source } = await recognise(given, {
        headLengths: asNew ? [] : headLengths(database),
        withHead: (head) => loadsWithHead(database, head),
        betweenChunks: () => interrupt.checkNowAndThen(),
    });
    const { name, path } = source;
    if (recognised.kind === 'new' || isToBeReadAgain(database, recognised)) {
        const prefix = createHash('sha256');
        const { head_bytes, head_sha256 } = recognised.kind === 'new' ? recognised.head : recognised.load;
        const empty = { start_byte: 0, sha256: prefix.copy().digest('hex'), frame_state: 'null' };
        const load = { source: name, path, continues: null, head_bytes, head_sha256, ...empty };
        const known = path === null || asNew ? undefined : loadsOfPath(database, path).at(-1);
        const failure = recognised.kind === 'new' && recognised.failure;
        const changed = failure instanceof EltError ? failure : known && changedSource(source, known);
        const needsPositions = known === undefined ? null : (changed ?? null);
        return { kind: 'new', source, load, startByte: 0, prefix, needsPositions, takesBack: null };
    }
    const load = readLoad(database, recognised.load.load_id);
    return recognised.kind === 'same' ? { kind: 'same', source, load } : continued(recognised, source, load);
}

/** After what has landed; or before its last row, if the source continues within that. */
function continued(
    { kind, prefix, unended, head: { head_bytes, head_sha256 } }: Extract<Recognised, { kind: 'resumes' | 'grown' }>,
    source: Source,
    load: LoadRow,
): LoadStart {
    const place = unendedPlace(load);
    const goesOn = place !== null && unended !== null;
    const isTakenBack = goesOn && (kind === 'resumes' || place.kind === 'quote' || !unended.isEnded);
    const { end_byte: startByte, sha256, frame_state } = isTakenBack ? place : load;
    const begins = {
        kind,
        source,
        startByte,
        prefix: isTakenBack ? unended.prefix : prefix,
        needsPositions: null,
        takesBack: isTakenBack ? load : null,
    };
    if (kind === 'resumes') {
        return { ...begins, load };
    }
    const { name, path } = source;
    const head = { head_bytes, head_sha256 };
    const continues = load.load_id;
    return { ...begins, load: { source: name, path, continues, ...head, start_byte: startByte, sha256, frame_state } };
}

/**
 * The source is one that landed before and ended inside a source transaction, and something else has landed since. The
 * next source continues that transaction, so this one is read again: its positions show what has landed and which
 * transaction is open.
 */
function isToBeReadAgain(database: Database, recognised: Recognised): boolean {
    if (recognised.kind !== 'same') {
        return false;
    }
    const open = readLoad(database, recognised.load.load_id).open_position;
    return open !== null && open !== readStream(database).open_position;
}

function changedSource(source: Source, known: LoadRow): EltError {
    return new EltError({
        code: 'SOURCE_CHANGED',
        message: `"${source.name}" does not have the bytes that were loaded before`,
        where: source.path ?? source.name,
        found: `other bytes before byte ${known.end_byte} than load ${known.load_id} of ${known.started_at} read`,
        state: 'nothing was landed',
        next: 'if it is another file under the same name, load it with --as-new',
    });
}
