import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { checkKeys, checkNarrowing, checkUpkeep, type Verdict } from './check-case.ts';
import { JOIN_CASES } from './join-cases.ts';
import { ROW_CASES } from './row-cases.ts';
import { problemOf } from './rules-case.ts';

/*
 * npm run marts -- [--seed N] [--pairs N] [--only keys] [--problems N]
 * The cases of the rules first (`--only cases`: these alone). Then random SELECTs over random tables, each with a random history: the keys that the arms find, the narrowed SELECT, and the
 * upkeep as a whole. Exit status 0: nothing was missed; 1: something was, with its SQL.
 */
const { values } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        pairs: { type: 'string', default: '20000' },
        only: { type: 'string', default: '' },
        problems: { type: 'string', default: '3' },
    },
});

const CHECKS = { keys: checkKeys, narrowing: checkNarrowing, upkeep: checkUpkeep };

let problems = 'cases'.startsWith(values.only) ? playCases() : 0;
for (const [name, check] of Object.entries(CHECKS)) {
    if (name.startsWith(values.only)) {
        problems += await run(name, check, Number(values.seed), Number(values.pairs));
    }
}
process.exitCode = problems === 0 ? 0 : 1;

/** One SELECT for each construct, along a history that is always the same. */
function playCases(): number {
    const wrong = [...JOIN_CASES, ...ROW_CASES].flatMap((one) => {
        const problem = problemOf(one);
        return problem === null ? [] : [`---- cases, ${one.construct}\n${problem}`];
    });
    console.log([...wrong, `cases: ${wrong.length} problems`].join('\n'));
    return wrong.length;
}

async function run(name: string, check: (seed: number) => Verdict, from: number, pairs: number): Promise<number> {
    const counts = { checked: 0, invalid: 0, 'in full': 0 };
    const sums = { keyed: 0, inFull: 0, keyedAndChanged: 0, narrowed: 0 };
    let found = 0;
    for (let seed = from; counts.checked < pairs; seed++) {
        if (seed % 50 === 0) {
            // SQLite gets statements back only when the event loop turns.
            await setImmediate();
        }
        const verdict = check(seed);
        counts[verdict.kind]++;
        sums.keyed += verdict.keyed;
        sums.inFull += verdict.inFull;
        sums.keyedAndChanged += verdict.keyedAndChanged;
        sums.narrowed += verdict.narrowed ? 1 : 0;
        if (verdict.problem !== null) {
            console.log(`---- ${name}, seed ${seed}\n${verdict.problem}`);
            found++;
            if (found >= Number(values.problems)) {
                break;
            }
        }
    }
    console.log(`${name}: ${JSON.stringify({ ...counts, ...sums, problems: found })}`);
    return found;
}
