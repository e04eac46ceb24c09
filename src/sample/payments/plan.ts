import type { RandomSource } from '../../core/random-source.ts';

/** The steps of a flow; each step is one record. */
export type FlowStep =
    | 'token'
    | 'transaction'
    | 'request'
    | 'retry token'
    | 'retry request'
    | 'third party'
    | 'update'
    | 'submitted'
    | 'outcome';

/** Time that a block covers, including a pause in which its last flows finish. */
export const BLOCK_MICROS = 3_600_000;
const BLOCK_START_MICROS = 3_100_000;

const EVENTS = ['third party', 'update', 'submitted', 'outcome'] as const;

/**
 * The flows of one block, after the file of the payments document: 144 tokens, 140 transactions, 140 requests and
 * 576 events. There 129 flows of 158 are complete, and the others are cut off at their beginning or end, as in any
 * window on a stream; so 529 events have everything that the join needs.
 *
 * This block has the same counts and adds what a join must handle: in two flows the transaction comes after the first
 * event, and three are retried, so that two requests share the flow: with a later time, with the same time (both
 * requests are in one source transaction), and with a token that never comes.
 */
const FLOW_KINDS: readonly {
    readonly count: number;
    readonly steps: readonly FlowStep[];
    readonly sameInstant?: true;
}[] = [
    { count: 124, steps: ['token', 'transaction', 'request', ...EVENTS] },
    { count: 2, steps: ['token', 'request', 'third party', 'transaction', 'update', 'submitted', 'outcome'] },
    { count: 1, steps: ['token', 'transaction', 'request', 'retry token', 'retry request', ...EVENTS] },
    {
        count: 1,
        steps: ['token', 'retry token', 'transaction', 'request', 'retry request', ...EVENTS],
        sameInstant: true,
    },
    { count: 1, steps: ['token', 'transaction', 'request', 'retry request', ...EVENTS] },
    { count: 2, steps: ['transaction', 'request', ...EVENTS] },
    { count: 3, steps: ['transaction', ...EVENTS] },
    { count: 6, steps: EVENTS },
    { count: 3, steps: ['outcome'] },
    { count: 3, steps: ['token', 'transaction', 'request', 'third party', 'update'] },
    { count: 2, steps: ['token', 'transaction', 'request', 'third party', 'update', 'submitted'] },
    { count: 1, steps: ['token', 'transaction', 'request', 'third party'] },
    { count: 7, steps: ['token'] },
];

/** Microseconds from the step before: at least the first number, and below the sum of both. */
const STEP_MICROS: Readonly<Record<FlowStep, readonly [number, number]>> = {
    token: [0, 1],
    transaction: [40_000, 70_000],
    request: [0, 1],
    'retry token': [9_000, 20_000],
    'retry request': [15_000, 30_000],
    'third party': [80_000, 60_000],
    update: [5_000, 9_000],
    submitted: [4_000, 8_000],
    outcome: [8_000, 9_000],
};

const FLOWS_A_BLOCK = FLOW_KINDS.reduce((sum, kind) => sum + kind.count, 0);

/** A planned record: its flow in the block, its step, and its time from the block's start. */
interface PlannedRecord {
    readonly flow: number;
    readonly step: FlowStep;
    readonly micros: number;
}

/** The records of one block in the order of their times. Memory: one block. */
export function planBlock(random: RandomSource): readonly PlannedRecord[] {
    const records: PlannedRecord[] = [];
    const kinds = shuffled(
        FLOW_KINDS.flatMap((kind) => new Array<typeof kind>(kind.count).fill(kind)),
        random,
    );
    for (const [flow, kind] of kinds.entries()) {
        let micros = Math.floor((flow * BLOCK_START_MICROS) / FLOWS_A_BLOCK) + random.below(40_000);
        for (const step of kind.steps) {
            const [least, spread] = STEP_MICROS[step];
            // A record in the same source transaction as the step before follows it at once.
            const together = kind.sameInstant === true && step === 'retry request';
            micros += together ? 0 : least + random.below(spread);
            records.push({ flow, step, micros });
        }
    }
    // Steps of one flow at the same time keep their order: the sort is stable.
    return records.sort((left, right) => left.micros - right.micros);
}

function shuffled<Item>(items: Item[], random: RandomSource): Item[] {
    for (let last = items.length - 1; last > 0; last--) {
        const other = random.below(last + 1);
        [items[last], items[other]] = [items[other]!, items[last]!];
    }
    return items;
}
