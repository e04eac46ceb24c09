import type { Skeleton } from '../../core/frame.ts';
import type { SkeletonKind } from './skeleton-kinds.ts';

/** A skeleton and the bytes around its gaps: one more than there are gaps. */
export interface LearnedSkeleton {
    readonly skeleton: Skeleton;
    readonly literals: readonly Buffer[];
}

/** The skeleton of the change or record `bytes[at, end)`; null if it is not JSON or not worth learning. */
export function learnSkeleton(kind: SkeletonKind, bytes: Buffer, at: number, end: number): LearnedSkeleton | null {
    // One character a byte, so that spans of the text are spans of the bytes.
    const text = bytes.toString('latin1', at, end);
    try {
        JSON.parse(text);
    } catch {
        return null;
    }
    const gaps = kind.gapsOf(text);
    if (gaps === null) {
        return null;
    }
    const starts = [0, ...gaps.map((gap) => gap.end)];
    const ends = [...gaps.map((gap) => gap.start), text.length];
    const literals = starts.map((start, index) => Buffer.from(text.slice(start, ends[index]), 'latin1'));
    const pieces = literals.map((literal) => literal.toString('utf8'));
    return { skeleton: { text: pieces.join(kind.filler), gaps: gaps.map((gap) => gap.name) }, literals };
}
