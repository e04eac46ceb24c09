import { beforeAll, describe, expect, test } from 'vitest';
import { diskFaults } from '../support/disk-faults.ts';
import { type Calm, DISTURBED, FaultGround } from '../support/fault-ground.ts';

/**
 * The Nth write, fsync or truncate fails (EIO, ENOSPC), and power is lost with unsynced sectors gone: an error with
 * code, file and place; what was said to be done is there; the same command continues to the content of an undisturbed
 * run. `FC_RUNS=n` makes n rounds of each command, `FC_SEED=n` others; `npm run faults` is the long form.
 */

const ROUNDS = Number(process.env.FC_RUNS ?? 4);
const SEED = Number(process.env.FC_SEED ?? 1);

const disk = diskFaults();
const ground = new FaultGround();

beforeAll(() => ground.prepare(1_500, 500));

/** The nth place among `of`: spread evenly, moved by the seed. */
function place(round: number, of: number): number {
    return 1 + Math.floor(((round * 0.6180339887 + SEED * 0.3819660113) % 1) * of);
}

describe.skipIf(disk === null).each(DISTURBED)('elt $words: $what', (command) => {
    let calm: Calm;
    let operations = 0;

    beforeAll(async () => {
        calm = await ground.calm(command);
        const { failed } = await ground.failRound(must(disk), command, calm, Number.MAX_SAFE_INTEGER, 5, false);
        expect(failed).toBe(false);
        operations = must(disk).lastCount();
        expect(operations).toBeGreaterThan(20);
    });

    test(`on a disk that fails, ${ROUNDS} times`, async () => {
        let errors = 0;
        for (let round = 0; round < ROUNDS; round++) {
            const [errno, stays] = [round % 2 === 0 ? 5 : 28, round % 3 === 2] as const;
            const failAt = place(round, operations);
            const { failed, wrong } = await ground.failRound(must(disk), command, calm, failAt, errno, stays);
            expect([round, failAt, errno, wrong]).toEqual([round, failAt, errno, []]);
            errors += failed ? 1 : 0;
        }
        expect(errors).toBeGreaterThan(0);
    });

    test(`on a disk that loses power, ${ROUNDS} times`, async () => {
        for (let round = 0; round < ROUNDS; round++) {
            // The last time when all is done: what the command has said must be on the disk.
            const cutAt = round === ROUNDS - 1 ? -1 : place(round, operations);
            const seed = SEED * 1_000 + round;
            const { cut, wrong } = await ground.powerRound(must(disk), command, calm, cutAt, seed);
            expect([cutAt, seed, cut, wrong]).toEqual([cutAt, seed, true, []]);
        }
    });
});

function must<T>(value: T | null): T {
    if (value === null) {
        throw new Error('the test should have been skipped');
    }
    return value;
}
