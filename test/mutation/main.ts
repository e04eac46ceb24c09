import { parseArgs } from 'node:util';
import { shorten } from '../../src/errors.ts';
import { explanationOf } from './explained.ts';
import { followHistory } from './follow-history.ts';
import { histories, MutatedProject, type Verdict } from './mutate.ts';

/*
 * npm run mutate -- [--seed N] [--histories N] [--file marts/metrics.sql]
 * Takes each statement, arm and condition out of the shipped SQL in turn; random histories must give it away.
 * Exit status 0: all were, or are explained (explained.ts); 1: one survived; 2: the unspoilt SQL fails already.
 */
const { values } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        histories: { type: 'string', default: '30' },
        file: {
            type: 'string',
            multiple: true,
            default: ['current/payment_instrument_token.sql', 'marts/metrics.sql'],
        },
    },
});
/** A mutant that is explained is only asked for shortly: an explanation that no longer holds shows soon. */
const EXPLAINED_HISTORIES = 3;

const project = new MutatedProject();
try {
    process.exitCode = await main(Number(values.seed), Number(values.histories), values.file);
} finally {
    project.dispose();
}

async function main(seed: number, count: number, files: readonly string[]): Promise<number> {
    const plans = histories(seed, count);
    for (const [index, plan] of plans.entries()) {
        const problem = await followHistory(project.folder, plan);
        if (problem !== null) {
            console.error(`history ${index + 1} of seed ${seed} fails with the SQL as it is: ${problem}`);
            return 2;
        }
    }
    const verdicts: Verdict[] = [];
    for (const file of files) {
        for (const mutant of project.mutants(file)) {
            const verdict = await project.judge(
                file,
                mutant,
                plans.slice(0, explanationOf(mutant) === undefined ? count : EXPLAINED_HISTORIES),
            );
            verdicts.push(verdict);
            say(verdict);
        }
    }
    return summary(verdicts);
}

function say({ file, line, kind, removed, caughtBy, explanation, histories: asked }: Verdict): void {
    const outcome =
        caughtBy !== null
            ? `caught (${asked}): ${shorten(caughtBy.replaceAll(/\s+/g, ' '), 100)}`
            : explanation === undefined
              ? `SURVIVED ${asked} histories`
              : `explained: ${explanation}`;
    console.log(`${file}:${line}  ${kind}  ${shorten(removed, 60)}\n    ${outcome}`);
}

function summary(verdicts: readonly Verdict[]): number {
    const lived = verdicts.filter(({ caughtBy }) => caughtBy === null);
    const survivors = lived.filter(({ explanation }) => explanation === undefined);
    const caught = verdicts.length - lived.length;
    console.log(
        `\n${verdicts.length} mutants: ${caught} caught, ${lived.length - survivors.length} explained, ${survivors.length} survived`,
    );
    return survivors.length === 0 ? 0 : 1;
}
