import { beforeAll, describe, expect, test } from 'vitest';
import { DISTURBED, FaultGround } from '../support/fault-ground.ts';

/**
 * Promises 1 and 5 under `kill -9`: whatever moment a real process dies at, the file is whole, the staged rows are
 * those that the ledger counts and hashes, the marts are what their definitions give, and the same command continues to
 * the same end. `FC_RUNS=n` makes n rounds of each command, `FC_SEED=n` chooses other moments; `npm run faults` is the
 * long form.
 */

const ROUNDS = Number(process.env.FC_RUNS ?? 2);
const SEED = Number(process.env.FC_SEED ?? 1);

const ground = new FaultGround();

beforeAll(() => ground.prepare(8_000, 2_000));

/** A number in [0, 1) for the nth kill: spread evenly, moved by the seed. */
function moment(kill: number): number {
    return (kill * 0.6180339887 + SEED * 0.3819660113) % 1;
}

describe.each(DISTURBED)('elt $words, killed: $what', (command) => {
    test(`${ROUNDS} times at any moment, and again during the recovery`, async () => {
        const calm = await ground.calm(command);
        let killed = 0;
        for (let round = 0; round < ROUNDS; round++) {
            const moments = [moment(2 * round), moment(2 * round + 1)];
            // The command's own verify takes longer: every third time.
            const { kills, wrong } = await ground.killRound(command, calm, moments, round % 3 === 0);
            expect([round, wrong]).toEqual([round, []]);
            killed += kills;
        }
        expect(killed).toBeGreaterThan(0);
    });
});
