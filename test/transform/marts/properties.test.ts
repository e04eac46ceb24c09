import { describe, expect, test } from 'vitest';
import { checkKeys, checkNarrowing, checkUpkeep, type Verdict } from './check-case.ts';

/**
 * The rules that keep marts up to date, against SQLite itself: random SELECTs over random tables, each with a random
 * history. `npm run marts` does the same at length. Shares are asserted: comparing everything in full is right, too.
 */

const SEEDS = { keys: 120, narrowing: 150, upkeep: 60 };

describe('random marts', () => {
    test('each key whose rows changed is among those that the arms find', () => {
        const { keyed, inFull, keyedAndChanged } = run(checkKeys, SEEDS.keys);
        expect(keyed / (keyed + inFull)).toBeGreaterThan(0.45);
        expect(keyedAndChanged).toBeGreaterThan(50);
    });

    test('the narrowed SELECT gives the rows of the keys asked for', () => {
        const { narrowed, checked } = run(checkNarrowing, SEEDS.narrowing);
        expect(narrowed / checked).toBeGreaterThan(0.3);
    });

    test('the generated upkeep leaves what the SELECT gives, and its data tests pass', () => {
        const { keyed, keyedAndChanged } = run(checkUpkeep, SEEDS.upkeep);
        expect(keyed).toBeGreaterThan(80);
        expect(keyedAndChanged).toBeGreaterThan(5);
    });
});

function run(check: (seed: number) => Verdict, count: number) {
    const first = Number(process.env.MARTS_SEED ?? 1);
    const verdicts = Array.from({ length: count }, (_, index) => check(first + index));
    expect(
        verdicts.flatMap(({ problem }, index) => (problem === null ? [] : [`seed ${first + index}: ${problem}`])),
    ).toEqual([]);
    const sum = (of: (verdict: Verdict) => number): number => verdicts.reduce((total, one) => total + of(one), 0);
    return {
        checked: sum(({ kind }) => (kind === 'checked' ? 1 : 0)),
        keyed: sum(({ keyed }) => keyed),
        inFull: sum(({ inFull }) => inFull),
        keyedAndChanged: sum(({ keyedAndChanged }) => keyedAndChanged),
        narrowed: sum(({ narrowed }) => (narrowed ? 1 : 0)),
    };
}
