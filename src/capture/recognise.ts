import { createHash, type Hash } from 'node:crypto';

/** What the ledger knows of a load, as far as a source can be compared with it. */
export interface KnownLoad {
    readonly loadId: number;
    readonly path: string | null;
    readonly state: 'loading' | 'loaded';
    readonly headBytes: number;
    readonly headSha256: string;
    /** Its position, and the hash of the source's bytes before it. */
    readonly endByte: number;
    readonly sha256: string;
}

/** What a source turned out to be, with `prefix`: the running hash of the bytes that need not be read again. */
export type Recognised =
    | { readonly kind: 'new'; readonly headBytes: number; readonly headSha256: string }
    | { readonly kind: 'same'; readonly load: KnownLoad }
    | { readonly kind: 'resumes' | 'grown'; readonly load: KnownLoad; readonly prefix: Hash };

/** A head is long enough to tell two sources apart, and short enough to be hashed for every source. */
export const HEAD_BYTES_MAX = 65_536;

/**
 * Compares a source with what was loaded before, by content: the same bytes are the `same` source whatever its name;
 * an interrupted load with the same beginning `resumes`; where path is that of a finished load with the same
 * beginning, the source has `grown`; all else is `new`.
 *
 * `candidates` gives the loads whose head (of the length given) has the hash given. Reads the source only as far as
 * the longest candidate reaches.
 */
export async function recognise(
    chunks: AsyncIterable<Buffer>,
    path: string | null,
    ledger: { readonly headLengths: readonly number[]; readonly candidates: (headSha256: string) => readonly KnownLoad[] },
): Promise<Recognised> {
    const iterator = chunks[Symbol.asyncIterator]();
    const head = await readHead(iterator);
    const headBytes = Math.min(head.bytes.length, HEAD_BYTES_MAX);
    const headSha256 = sha256(head.bytes.subarray(0, headBytes));
    const lengths = ledger.headLengths.filter((length) => length <= headBytes);
    const candidates = lengths
        .flatMap((length) => ledger.candidates(sha256(head.bytes.subarray(0, length))).filter((load) => isComparable(load, length)))
        .sort((left, right) => left.endByte - right.endByte);
    const matches = await matching(candidates, head, iterator);
    await iterator.return?.();
    const resuming = matches.filter(({ load }) => load.state === 'loading').at(-1);
    const growing = matches.filter(({ load }) => load.path !== null && load.path === path).at(-1);
    const same = matches.find(({ load, isAll }) => load.state === 'loaded' && isAll);
    if (same !== undefined) {
        return { kind: 'same', load: same.load };
    }
    if (resuming !== undefined) {
        return { kind: 'resumes', load: resuming.load, prefix: resuming.prefix };
    }
    if (growing !== undefined) {
        return { kind: 'grown', load: growing.load, prefix: growing.prefix };
    }
    return { kind: 'new', headBytes, headSha256 };
}

/** An interrupted load that had read nothing could be any source. */
function isComparable(load: KnownLoad, headBytes: number): boolean {
    return load.headBytes === headBytes && (headBytes > 0 || load.state === 'loaded');
}

interface Match {
    readonly load: KnownLoad;
    readonly prefix: Hash;
    /** The source has no byte beyond. */
    readonly isAll: boolean;
}

interface Head {
    readonly bytes: Buffer;
    readonly isAll: boolean;
}

/** Hashes on, from candidate to candidate, and keeps those whose bytes are the source's. */
async function matching(candidates: readonly KnownLoad[], head: Head, rest: AsyncIterator<Buffer>): Promise<Match[]> {
    const matches: { load: KnownLoad; prefix: Hash; isAll: boolean }[] = [];
    const hash = createHash('sha256');
    let hashed = 0;
    let chunk = head.bytes;
    let isLast = head.isAll;
    for (const load of candidates) {
        while (load.endByte > hashed + chunk.length && !isLast) {
            hash.update(chunk);
            hashed += chunk.length;
            const next = await rest.next();
            isLast = next.done === true;
            chunk = next.done === true ? Buffer.alloc(0) : Buffer.from(next.value);
        }
        if (load.endByte > hashed + chunk.length) {
            break;
        }
        const used = load.endByte - hashed;
        hash.update(chunk.subarray(0, used));
        hashed = load.endByte;
        chunk = chunk.subarray(used);
        const prefix = hash.copy();
        if (prefix.copy().digest('hex') === load.sha256) {
            matches.push({ load, prefix, isAll: false });
        }
    }
    if (chunk.length === 0 && !isLast) {
        isLast = (await rest.next()).done === true;
    }
    const end = chunk.length === 0 && isLast ? hashed : -1;
    return matches.map((match) => ({ ...match, isAll: match.load.endByte === end }));
}

async function readHead(iterator: AsyncIterator<Buffer>): Promise<Head> {
    const parts: Buffer[] = [];
    let length = 0;
    while (length <= HEAD_BYTES_MAX) {
        const next = await iterator.next();
        if (next.done === true) {
            return { bytes: Buffer.concat(parts), isAll: true };
        }
        parts.push(Buffer.from(next.value));
        length += next.value.length;
    }
    return { bytes: Buffer.concat(parts), isAll: false };
}

function sha256(bytes: Buffer): string {
    return createHash('sha256').update(bytes).digest('hex');
}
