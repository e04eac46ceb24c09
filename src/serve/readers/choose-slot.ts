import type { ReaderProcess } from './reader-process.ts';

/** A reader and its jobs. */
export interface Slot {
    readonly reader: ReaderProcess;
    /** Number of its jobs of each question. */
    readonly keys: Map<string, number>;
    jobs: number;
    /** How long its jobs should take together. */
    expectedMs: number;
    /** One of its jobs is of a question that may take long, or whose time is not known yet. */
    isSlow: boolean;
}

/** A question is quick while its average time is below this. */
export const QUICK_MS = 100;

/** A question is tiny while its average time is below this: a reader gets several of its jobs at once. */
const TINY_MS = 2;

/** How long the jobs of a reader may be expected to take together, if another reader is free and if none is. */
const TOGETHER_MS = 2;
const TOGETHER_MS_MAX = 5;
const TOGETHER_JOBS_MAX = 16;

/**
 * The reader that may take a job of the question now; null: none. One reader is always kept for questions that have
 * lately been quick, and jobs of one question occupy at most all readers but one.
 */
export function chooseSlot(all: ReadonlySet<Slot>, key: string, averageMs: number | undefined): Slot | null {
    const slots = [...all].filter(({ reader }) => reader.isReady);
    const expectedMs = averageMs ?? Number.POSITIVE_INFINITY;
    // All but one; readers that are still starting do not count.
    const others = slots.length - 1;
    // A reader still busy with moved jobs is not idle: a job after them would have to be moved again.
    const idle = slots.find(({ jobs, reader }) => jobs === 0 && reader.isIdle) ?? null;
    if (expectedMs < TINY_MS) {
        const open = slots.filter(
            (slot) => slot.jobs > 0 && !slot.isSlow && slot.expectedMs > 0 && slot.jobs < TOGETHER_JOBS_MAX,
        );
        const atMost = (ms: number): Slot | null => open.find((slot) => slot.expectedMs + expectedMs <= ms) ?? null;
        const mayTakeIdle = idle !== null && (others === 0 || held(slots, key) < others);
        return atMost(TOGETHER_MS) ?? (mayTakeIdle ? idle : atMost(TOGETHER_MS_MAX));
    }
    if (expectedMs < QUICK_MS) {
        return others > 0 && held(slots, key) >= others ? null : idle;
    }
    return all.size === 1 || slots.filter((slot) => slot.isSlow).length < others ? idle : null;
}

/** Number of readers that have jobs of the question. */
function held(slots: readonly Slot[], key: string): number {
    return slots.filter(({ keys }) => keys.has(key)).length;
}
