import type { ScannedValues } from '../../core/scanned-values.ts';
import { scanChange } from './match-change.ts';
import { scanRecord } from './match-record.ts';
import { type AheadKind, type AheadMemory, type AheadSkeleton, LISTS_AT, MATCH_INTS } from './scanned-ahead.ts';

/** The shortest common beginning of skeletons that is worth searching for; a shorter one occurs everywhere. */
const PREFIX_BYTES_MIN = 6;
/** Bytes scanned in vain, beyond those scanned with success, after which scanning ahead stops. */
const WASTED_BYTES_MAX = 1024 * 1024;

interface Known {
    readonly number: number;
    readonly literals: readonly Buffer[];
}

/**
 * Scans chunks for whatever repeats a skeleton, without its context: the framer knows whether a change or a record
 * begins there. In JSON the bytes `{"…` cannot occur inside a string, where quotes are escaped.
 */
export class AheadScanner {
    #kind: AheadKind | null = null;
    #known: Known[] = [];
    #prefix: Buffer = Buffer.alloc(0);
    #skeletons = 0;
    #wasted = 0;
    #used = 0;

    /** Skeletons of another kind than the first get a number, but are not searched for. */
    learn({ kind, literals }: AheadSkeleton): void {
        const number = this.#skeletons++;
        this.#kind ??= kind;
        if (kind !== this.#kind) {
            return;
        }
        const buffers = literals.map((literal) => Buffer.from(literal));
        this.#known.unshift({ number, literals: buffers });
        const first = buffers[0] as Buffer;
        this.#prefix = this.#known.length === 1 ? first : commonPrefix(this.#prefix, first);
    }

    /** Writes the matches in `bytes[0, end)` into `memory`; `values` are that memory's values. */
    scan(bytes: Buffer, end: number, memory: AheadMemory, values: ScannedValues): void {
        values.truncate(0);
        let count = 0;
        const prefix = this.#prefix;
        const isTried = prefix.length >= PREFIX_BYTES_MIN && this.#wasted <= WASTED_BYTES_MAX + this.#used;
        const most = memory.matches.length / MATCH_INTS;
        for (let at = isTried ? bytes.indexOf(prefix) : -1; at !== -1 && at < end && count < most; ) {
            const matchEnd = this.#match(bytes, at, end, values, memory.matches, count * MATCH_INTS);
            if (matchEnd !== -1) {
                count++;
            }
            at = bytes.indexOf(prefix, matchEnd === -1 ? at + 1 : matchEnd);
        }
        memory.count[0] = count;
    }

    #match(bytes: Buffer, at: number, end: number, values: ScannedValues, matches: Int32Array, to: number): number {
        const known = this.#known;
        const behind = this.#prefix.length;
        for (let index = 0; index < known.length; index++) {
            const candidate = known[index] as Known;
            const { literals, number } = candidate;
            // One byte differs between most of them.
            const byte = (literals[0] as Buffer)[behind];
            if (byte !== undefined && byte !== bytes[at + behind]) {
                continue;
            }
            const lists: number[] = [];
            const reached =
                this.#kind === 'change'
                    ? scanChange(literals, values, bytes, at, end, lists)
                    : scanRecord(literals, values, bytes, at, end, lists);
            if (reached < 0) {
                this.#wasted += ~reached - at;
                continue;
            }
            if (index > 0) {
                known[index] = known[index - 1] as Known;
                known[index - 1] = candidate;
            }
            this.#used += reached - at;
            matches[to] = at;
            matches[to + 1] = reached;
            matches[to + 2] = number;
            for (const [bound, value] of lists.entries()) {
                matches[to + LISTS_AT + bound] = value;
            }
            return reached;
        }
        return -1;
    }
}

function commonPrefix(one: Buffer, other: Buffer): Buffer {
    let length = 0;
    while (length < one.length && length < other.length && one[length] === other[length]) {
        length++;
    }
    return one.subarray(0, length);
}
