import type { ScannedValues } from '../../core/scanned-values.ts';
import { type AheadMemory, type AheadSkeleton, BOUNDS_AT, MATCH_INTS } from './scanned-ahead.ts';
import { SKELETON_KINDS } from './skeleton-kinds.ts';
import { SkeletonList } from './skeleton-list.ts';

/** The shortest common beginning of skeletons that is worth searching for; a shorter one occurs everywhere. */
const PREFIX_BYTES_MIN = 6;

interface Numbered {
    readonly number: number;
    readonly literals: readonly Buffer[];
}

/**
 * Scans chunks for whatever repeats a skeleton, without its context: the framer knows whether a change or a record
 * begins there. In JSON the bytes `{"…` cannot occur inside a string, where quotes are escaped.
 */
export class AheadScanner {
    #list: SkeletonList<Numbered> | null = null;
    #skeletons = 0;

    /** Skeletons of another kind than the first get a number, but are not searched for. */
    learn({ kind, literals }: AheadSkeleton): void {
        const number = this.#skeletons++;
        this.#list ??= new SkeletonList(SKELETON_KINDS[kind]);
        if (kind === this.#list.kind.name) {
            this.#list.add({ number, literals: literals.map((literal) => Buffer.from(literal)) });
        }
    }

    /** Writes the matches in `bytes[0, end)` into `memory`; `values` are that memory's values. */
    scan(bytes: Buffer, end: number, memory: AheadMemory, values: ScannedValues): void {
        values.truncate(0);
        memory.count[0] = 0;
        const list = this.#list;
        const { matches } = memory;
        if (list === null || list.prefix.length < PREFIX_BYTES_MIN || !list.pays) {
            return;
        }
        let to = 0;
        for (let at = bytes.indexOf(list.prefix); at !== -1 && at < end && to < matches.length; ) {
            const matchEnd = list.match(values, bytes, at, end);
            if (matchEnd !== -1) {
                matches[to] = at;
                matches[to + 1] = matchEnd;
                matches[to + 2] = (list.found as Numbered).number;
                for (let index = 0; index < list.bounds.length; index++) {
                    matches[to + BOUNDS_AT + index] = list.bounds[index] as number;
                }
                to += MATCH_INTS;
            }
            at = bytes.indexOf(list.prefix, matchEnd === -1 ? at + 1 : matchEnd);
        }
        memory.count[0] = to / MATCH_INTS;
    }
}
