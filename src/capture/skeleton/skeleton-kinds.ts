import type { Member } from '../../core/json-spans.ts';
import type { ScannedValues } from '../../core/scanned-values.ts';
import { changeGaps } from './change-gaps.ts';
import { recordGaps } from './record-gaps.ts';
import { scanList, scanValue } from './scan-value.ts';

/** Changes of format 1, whose gaps are the elements of a list, or records of format 2, whose gaps are single values. */
export type KindName = 'change' | 'record';

/** How the skeletons of a kind are learned and matched. */
export interface SkeletonKind {
    readonly name: KindName;
    /** Longer ones are not learned. */
    readonly bytesMax: number;
    /** The gaps in the order of the text; null: not a text that is worth learning. */
    readonly gapsOf: (text: string) => Member[] | null;
    /** What fills the gaps in a skeleton's JSON text. */
    readonly filler: string;
    /** Scans the contents of a gap; returns the index after it, or -1. */
    readonly scanGap: (values: ScannedValues, bytes: Buffer, at: number, end: number) => number;
    /** A gap holds any number of values. */
    readonly isList: boolean;
}

export const SKELETON_KINDS: Readonly<Record<KindName, SkeletonKind>> = {
    change: {
        name: 'change',
        bytesMax: 256 * 1024,
        gapsOf: changeGaps,
        filler: '',
        scanGap: scanList,
        isList: true,
    },
    record: {
        name: 'record',
        bytesMax: 32 * 1024,
        gapsOf: recordGaps,
        filler: 'null',
        scanGap: scanValue,
        isList: false,
    },
};
