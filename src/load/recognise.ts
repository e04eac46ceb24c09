import { createHash, type Hash } from 'node:crypto';
import { afterHead, type Head, readHead, replayed, spooled } from '../capture/source/replay.ts';
import type { Source } from '../capture/source/source.ts';
import type { LoadRow } from '../ledger/loads.ts';

/** How loads of the ledger are found, and what happens during the comparison. */
interface KnownLoads {
    /** The lengths in bytes of the heads that the ledger has hashes of. */
    readonly headLengths: readonly number[];
    readonly withHead: (headSha256: string) => readonly LoadRow[];
    /** Called between two chunks of a long source; an error it throws ends the comparison. */
    readonly betweenChunks: () => Promise<void>;
}

/** The kind of a source; `prefix` is the running hash of the bytes that need not be read again. */
export type Recognised =
    | { readonly kind: 'new'; readonly head: Pick<LoadRow, 'head_bytes' | 'head_sha256'>; readonly failure?: unknown }
    | { readonly kind: 'same'; readonly load: LoadRow }
    | { readonly kind: 'resumes' | 'grown'; readonly load: LoadRow; readonly prefix: Hash };

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
    const head = await readHead(iterator);
    const candidates = candidatesFor(head, known);
    if (candidates.length === 0) {
        const recognised = newSource(head);
        if (!source.seekable) {
            return { recognised, source: replayed(source, head, iterator) };
        }
        await iterator.return?.();
        return { recognised, source };
    }
    if (!source.seekable) {
        return await recognise(await spooled(source, head, iterator), known);
    }
    const matches = await matching(candidates, head, iterator, known.betweenChunks);
    await iterator.return?.();
    return { recognised: choose(matches, source.path, head), source };
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
    if (resuming !== undefined) {
        return { kind: 'resumes', load: resuming.load, prefix: resuming.prefix };
    }
    return growing === undefined ? newSource(head) : { kind: 'grown', load: growing.load, prefix: growing.prefix };
}

function newSource({ bytes, length, failure }: Head): Recognised {
    return { kind: 'new', head: { head_bytes: length, head_sha256: sha256(bytes, length) }, failure };
}

interface Match {
    readonly load: LoadRow;
    readonly prefix: Hash;
    /** The source ends there. */
    readonly isAll: boolean;
}

/**
 * Hashes the source from candidate to candidate, and keeps those with the same bytes. If the source cannot be read as
 * far as the first of them, it is unknown what of it has landed, and the error is thrown.
 */
async function matching(
    candidates: readonly LoadRow[],
    head: Head,
    iterator: AsyncIterator<Buffer>,
    betweenChunks: () => Promise<void>,
): Promise<Match[]> {
    const rest = afterHead(head, iterator);
    const matches: { load: LoadRow; prefix: Hash }[] = [];
    const hash = createHash('sha256');
    let hashed = 0;
    let chunk = head.bytes;
    let reads: 'on' | 'to its end' | 'no further' = head.isAll ? 'to its end' : 'on';
    const readOn = async (): Promise<void> => {
        try {
            const next = await rest.next();
            reads = next.done === true ? 'to its end' : 'on';
            chunk = next.done === true ? Buffer.alloc(0) : next.value;
        } catch (error) {
            if (matches.length === 0) {
                throw error;
            }
            reads = 'no further';
            chunk = Buffer.alloc(0);
        }
    };
    for (const load of candidates) {
        while (load.end_byte > hashed + chunk.length && reads === 'on') {
            hash.update(chunk);
            hashed += chunk.length;
            await betweenChunks();
            await readOn();
        }
        if (load.end_byte > hashed + chunk.length) {
            break;
        }
        const used = load.end_byte - hashed;
        hash.update(chunk.subarray(0, used));
        hashed = load.end_byte;
        chunk = chunk.subarray(used);
        if (hash.copy().digest('hex') === load.sha256) {
            matches.push({ load, prefix: hash.copy() });
        }
    }
    if (chunk.length === 0 && reads === 'on') {
        await readOn();
    }
    const end = chunk.length === 0 && reads === 'to its end' ? hashed : -1;
    return matches.map((match) => ({ ...match, isAll: match.load.end_byte === end }));
}

function sha256(bytes: Buffer, length: number): string {
    return createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
}
