import type { Skeleton } from '../../core/frame.ts';
import { asObject } from '../json-checks.ts';
import type { KnownShape, Shapes } from '../shapes.ts';
import { format1Shape } from './format1.ts';
import { type KnownRecord, knownRecord } from './format2.ts';
import { parseSkeleton } from './record-text.ts';

/** The meaning of a stream's skeletons, each determined once. `unknown`: the text must be parsed. */
export class KnownSkeletons {
    readonly #shapes: Shapes;
    readonly #changes = new WeakMap<Skeleton, KnownShape | 'unknown'>();
    readonly #records = new WeakMap<Skeleton, KnownRecord | 'unknown'>();

    constructor(shapes: Shapes) {
        this.#shapes = shapes;
    }

    /** The shape of all changes of format 1 that repeat a skeleton. */
    change(skeleton: Skeleton): KnownShape | 'unknown' {
        let known = this.#changes.get(skeleton);
        if (known === undefined) {
            try {
                known = format1Shape(asObject(parseSkeleton(skeleton.text), 'the change'), this.#shapes);
            } catch {
                known = 'unknown';
            }
            this.#changes.set(skeleton, known);
        }
        return known;
    }

    /** What all records of format 2 that repeat a skeleton have in common. */
    record(skeleton: Skeleton): KnownRecord | 'unknown' {
        let known = this.#records.get(skeleton);
        if (known === undefined) {
            known = knownRecord(skeleton, this.#shapes) ?? 'unknown';
            this.#records.set(skeleton, known);
        }
        return known;
    }
}
