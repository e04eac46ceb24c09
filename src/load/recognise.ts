import { createHash, type Hash } from 'node:crypto';
import { type Head, readHead } from '../capture/source/head.ts';
import { PatientIterator } from '../capture/source/patient-iterator.ts';
import { afterHead, QuietPipe, replayed, Spool } from '../capture/source/replay.ts';
import type { Source } from '../capture/source/source.ts';
import { LINE_FEED, RETURN } from '../core/ascii.ts';
import type { LoadRow } from '../ledger/loads.ts';
import { unendedPlace } from '../ledger/unended-place.ts';
import { SourcePrefix } from './source-prefix.ts';

/** What the comparison needs of the ledger. */
interface KnownLoads {
    /** The lengths in bytes of the heads that the ledger has hashes of. */
    readonly headLengths: readonly number[];
    readonly withHead: (headSha256: string) => readonly LoadRow[];
    /** Called between two chunks of a long source; an error it throws ends the comparison. */
    readonly betweenChunks: () => Promise<void>;
}

type HeadHash = Pick<LoadRow, 'head_bytes' | 'head_sha256'>;

/** The kind of a source; `prefix` is the running hash of the bytes that need not be read again. */
export type Recognised =
    | { readonly kind: 'new'; readonly head: HeadHash; readonly failure?: unknown }
    | { readonly kind: 'same'; readonly load: LoadRow }
    | {
          readonly kind: 'resumes' | 'grown';
          readonly load: LoadRow;
          readonly prefix: Hash;
          /** Of a load whose last row was not ended: the same before that row, and whether the source ends it. */
          readonly unended: { readonly prefix: Hash; readonly isEnded: boolean } | null;
          /** Of the source now, if its load had none: it was empty then. */
          readonly head: HeadHash;
      };

/**
 * Compares a source with earlier loads, by content: the same bytes are the `same` source, whatever its name; an
 * interrupted load with the same beginning `resumes`; if a finished load with the same beginning has this path, the
 * source has `grown`; anything else is `new`. Reads only as far as the longest candidate.
 *
 * The result's `source` is the one to read from afterwards: it replaces a source that can be read only once (standard
 * input, a FIFO).
 */
export async function recognise(
    source: Source,
    known: KnownLoads,
): Promise<{ readonly recognised: Recognised; readonly source: Source }> {
    const iterator = source.open()[Symbol.asyncIterator]();
    if (!source.seekable) {
        return await recognisePipe(source, new PatientIterator(iterator), known);
    }
    const head = await readHead(iterator, source.name);
    const candidates = candidatesFor(head, known);
    if (candidates.length === 0) {
        await iterator.return?.();
        return { recognised: newSource(head), source };
    }
    const matches = await matching(candidates, head, afterHead(head, iterator), known.betweenChunks);
    await iterator.return?.();
    return { recognised: choose(matches, source.path, head), source };
}

/**
 * The same for a source that can be read only once. One that is quiet is not waited for where its positions tell what of
 * it has landed, or where nothing that has landed could be the same.
 */
async function recognisePipe(
    source: Source,
    iterator: PatientIterator,
    known: KnownLoads,
): Promise<{ readonly recognised: Recognised; readonly source: Source }> {
    const head = await readHead(iterator, source.name, (bytes) => {
        const isShorter = known.headLengths.some((length) => length > bytes.length);
        return bytes.includes(LINE_FEED) && (!isShorter || hasPositions(bytes));
    });
    const candidates = candidatesFor(head, known);
    if (candidates.length === 0) {
        return { recognised: newSource(head), source: replayed(source, head, iterator) };
    }
    const spool = new Spool(head, iterator, hasPositions(head.bytes));
    const matches = await matching(candidates, head, spool.following(), known.betweenChunks);
    return { recognised: choose(matches, source.path, head), source: spool.source(source) };
}

/** As wal2json writes them with `include-lsn`. */
function hasPositions(bytes: Buffer): boolean {
    return /"nextlsn"\s*:\s*"/.test(bytes.subarray(0, bytes.indexOf(LINE_FEED)).toString('latin1'));
}

function candidatesFor(head: Head, { headLengths, withHead }: KnownLoads): readonly LoadRow[] {
    return headLengths
        .filter((length) => length <= head.length)
        .flatMap((length) => withHead(sha256(head.bytes, length)).filter((load) => isComparable(load, length)))
        .sort((left, right) => left.end_byte - right.end_byte);
}

/** An interrupted load that had read nothing would match any source. */
function isComparable(load: LoadRow, headBytes: number): boolean {
    return load.head_bytes === headBytes && (headBytes > 0 || load.state === 'loaded');
}

function choose(matches: readonly Match[], path: string | null, head: Head): Recognised {
    const same = matches.find(({ load, isAll }) => load.state === 'loaded' && isAll);
    const resuming = matches.filter(({ load }) => load.state === 'loading').at(-1);
    const growing = matches.filter(({ load }) => load.path !== null && load.path === path).at(-1);
    if (same !== undefined) {
        return { kind: 'same', load: same.load };
    }
    const found = resuming ?? growing;
    if (found === undefined) {
        return newSource(head);
    }
    const { load, prefix, unended } = found;
    return {
        kind: resuming === undefined ? 'grown' : 'resumes',
        load,
        prefix,
        unended,
        head: load.head_bytes > 0 ? load : hashOf(head),
    };
}

function newSource(head: Head): Recognised {
    const { bytes, length, failure, notUtf8 } = head;
    // A message may hold any bytes: there they are no fault.
    return { kind: 'new', head: hashOf(head), failure: failure ?? (isInMessage(bytes, length) ? undefined : notUtf8) };
}

function hashOf({ bytes, length }: Head): HeadHash {
    return { head_bytes: length, head_sha256: sha256(bytes, length) };
}

function isInMessage(bytes: Buffer, at: number): boolean {
    const before = bytes.subarray(bytes.lastIndexOf(0x0a, at) + 1, at).toString('latin1');
    return /"(?:action"\s*:\s*"M|kind"\s*:\s*"message)"/.test(before);
}

interface Match {
    readonly load: LoadRow;
    readonly prefix: Hash;
    /** The source ends there. */
    readonly isAll: boolean;
    readonly unended: { readonly prefix: Hash; readonly isEnded: boolean } | null;
}

/**
 * Hashes the source from candidate to candidate, and keeps those with the same bytes. If the source cannot be read as
 * far as the first of them, it is unknown what of it has landed, and the error is thrown.
 */
async function matching(
    candidates: readonly LoadRow[],
    head: Head,
    following: AsyncIterator<Buffer>,
    betweenChunks: () => Promise<void>,
): Promise<Match[]> {
    const prefix = new SourcePrefix(head, following, betweenChunks);
    const places = candidates
        .flatMap((load) => {
            const place = unendedPlace(load);
            const end = { at: load.end_byte, load, isEnd: true };
            return place === null ? [end] : [{ at: place.end_byte, load, isEnd: false }, end];
        })
        .sort((left, right) => left.at - right.at);
    const matches: Match[] = [];
    const before = new Map<LoadRow, Hash>();
    for (const { at, load, isEnd } of places) {
        const isThere = await prefix.upTo(at).catch((error: unknown) => {
            if (matches.length === 0 && !(error instanceof QuietPipe)) {
                throw error;
            }
            return false;
        });
        if (!isThere) {
            break;
        }
        if (!isEnd) {
            before.set(load, prefix.hash());
        } else if (prefix.hash().digest('hex') === load.sha256) {
            const next = await prefix.following();
            const start = before.get(load);
            const unended =
                start === undefined ? null : { prefix: start, isEnded: endsRow(next, lineBreakOf(load.frame_state)) };
            matches.push({ load, prefix: prefix.hash(), isAll: prefix.isAtEnd, unended });
        }
    }
    return matches;
}

/** Whether a row ends before these bytes. Where that is not certain it is read again, which is never wrong. */
function endsRow(next: Buffer, lineBreak: number): boolean {
    const isPair = lineBreak === LINE_FEED && next[0] === RETURN && next[1] === LINE_FEED;
    return next.length === 0 || next[0] === lineBreak || isPair;
}

/** What the framer of CSV keeps where its lines do not end in a line feed. */
function lineBreakOf(frameState: string): number {
    const framed = JSON.parse(frameState) as { readonly state?: { readonly lineBreak?: number } } | null;
    return framed?.state?.lineBreak ?? LINE_FEED;
}

function sha256(bytes: Buffer, length: number): string {
    return createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
}
