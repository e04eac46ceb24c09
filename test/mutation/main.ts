import { parseArgs } from 'node:util';
import { shorten } from '../../src/core/errors.ts';
import { explanationOf } from './explained.ts';
import { followHistory, PIPELINE } from './follow-history.ts';
import { followRows } from './follow-rows.ts';
import { histories, MutatedProject, type Verdict } from './mutate.ts';
import { ROW_PIPELINES, rowHistories } from './row-histories.ts';

/*
 * npm run mutate -- [--pipeline game] [--seed N] [--histories N] [--file marts/events.sql]
 * Takes each statement, arm and condition out of the shipped SQL in turn; random histories must give it away.
 * Exit status 0: all were, or are explained (explained.ts); 1: one survived; 2: the unspoilt SQL fails already.
 */
const { values } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        histories: { type: 'string', default: '30' },
        pipeline: { type: 'string', multiple: true, default: [PIPELINE, ...ROW_PIPELINES] },
        file: { type: 'string', multiple: true },
    },
});
/** A mutant that is explained is only asked for shortly: an explanation that no longer holds shows soon. */
const EXPLAINED_HISTORIES = 3;

/** The files of each pipeline. Every fold is written by the same code: one that sees every kind of change stands for all. */
const FILES: Readonly<Record<string, readonly string[]>> = {
    [PIPELINE]: ['upkeep/current_payment_instrument_token.sql', 'upkeep/metrics.sql'],
    card_spend: ['upkeep/transactions.sql'],
    game: [
        'marts/events.sql',
        ...['users', 'sessions', 'transactions', 'discarded'].map((mart) => `upkeep/${mart}.sql`),
    ],
    cash_flow: ['upkeep/movements.sql'],
};

const project = new MutatedProject();
try {
    process.exitCode = await main(Number(values.seed), Number(values.histories));
} finally {
    project.dispose();
}

async function main(seed: number, count: number): Promise<number> {
    const verdicts: Verdict[] = [];
    for (const pipeline of values.pipeline) {
        const files = (values.file ?? FILES[pipeline] ?? []).map((file) => `sql/${pipeline}/${file}`);
        const rows = ROW_PIPELINES.find((one) => one === pipeline);
        const judged =
            rows === undefined
                ? await judge(files, histories(seed, count), followHistory)
                : await judge(files, rowHistories(rows, seed, count), (folder, one) => followRows(folder, rows, one));
        if (judged === null) {
            return 2;
        }
        verdicts.push(...judged);
    }
    return summary(verdicts);
}

/** Null: the SQL fails as it is. */
async function judge<History>(
    files: readonly string[],
    plans: readonly History[],
    follow: (folder: string, plan: History) => Promise<string | null>,
): Promise<Verdict[] | null> {
    for (const [index, plan] of plans.entries()) {
        const problem = await follow(project.folder, plan);
        if (problem !== null) {
            console.error(`history ${index + 1} fails with the SQL as it is: ${problem}`);
            return null;
        }
    }
    const verdicts: Verdict[] = [];
    for (const file of files) {
        for (const mutant of project.mutants(file)) {
            const asked = explanationOf(mutant, file) === undefined ? plans.length : EXPLAINED_HISTORIES;
            const verdict = await project.judge(file, mutant, plans.slice(0, asked), follow);
            verdicts.push(verdict);
            say(verdict);
        }
    }
    return verdicts;
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
