import { parseArgs } from 'node:util';
import { shorten } from '../../src/core/errors.ts';
import { PAYMENTS_V1, PAYMENTS_V2 } from '../support/payments-model.ts';
import { explanationOf } from './explained.ts';
import { followHistory } from './follow-history.ts';
import { followRows } from './follow-rows.ts';
import { judgeRules, type RuleVerdict } from './judge-rules.ts';
import { histories, MutatedProject, type Verdict } from './mutate.ts';
import { ROW_PIPELINES, rowHistories } from './row-histories.ts';

/*
 * npm run mutate -- [--pipeline game] [--seed N] [--histories N] [--file marts/events.sql]
 * npm run mutate -- --rules [text in a rule's name] [--seed N] [--pairs N]
 * Takes each statement, arm and condition out of the shipped SQL in turn; random histories must give it away. Then, or
 * with `--rules` alone, each rule out of the generator of upkeep: random marts must give it away.
 * Exit status 0: all were, or are explained (explained.ts); 1: one survived; 2: the unspoilt SQL fails already.
 */
const { values, positionals } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        histories: { type: 'string', default: '30' },
        pipeline: { type: 'string', multiple: true },
        file: { type: 'string', multiple: true },
        rules: { type: 'boolean', default: false },
        pairs: { type: 'string', default: '6000' },
    },
    allowPositionals: true,
});
const SHAPES = [PAYMENTS_V1, PAYMENTS_V2];
/** A mutant that is explained is only asked for shortly: an explanation that no longer holds shows soon. */
const EXPLAINED_HISTORIES = 3;

/** The files of each pipeline. Every fold is written by the same code: one that sees every kind of change stands for all. */
const FILES: Readonly<Record<string, readonly string[]>> = {
    payments_v1: ['upkeep/current_payment_instrument_token.sql', 'upkeep/metrics.sql'],
    payments: ['upkeep/metrics.sql'],
    card_spend: ['transactions', 'daily', 'card_holders'].map((mart) => `upkeep/${mart}.sql`),
    game: [
        'marts/events.sql',
        ...['users', 'sessions', 'transactions', 'discarded'].map((mart) => `upkeep/${mart}.sql`),
    ],
    cash_flow: ['upkeep/movements.sql'],
};

process.exitCode = Math.max(values.rules ? 0 : await ofFiles(), values.rules || isWhole() ? ofRules() : 0);

/** Neither a pipeline nor a file was named. */
function isWhole(): boolean {
    return values.pipeline === undefined && values.file === undefined;
}

function ofRules(): number {
    const [asked = ''] = positionals;
    const verdicts = judgeRules({ seed: Number(values.seed), pairs: Number(values.pairs), asked }, sayRule);
    const lived = verdicts.filter(({ caughtBy }) => caughtBy === null);
    const explained = lived.filter(({ explanation }) => explanation !== undefined).length;
    const survived = lived.length - explained;
    console.log(
        `\n${verdicts.length} rules: ${verdicts.length - lived.length} caught, ${explained} explained, ${survived} survived`,
    );
    return survived === 0 ? 0 : 1;
}

function sayRule({ rule, file, check, caughtBy, explanation }: RuleVerdict): void {
    const outcome =
        caughtBy !== null
            ? `caught: ${shorten(caughtBy, 100)}`
            : explanation === undefined
              ? `SURVIVED ${values.pairs} pairs`
              : `explained: ${explanation}`;
    console.log(`${rule}  (${file}, ${check})\n    ${outcome}`);
}

async function ofFiles(): Promise<number> {
    const project = new MutatedProject();
    try {
        return await judgeFiles(project, Number(values.seed), Number(values.histories));
    } finally {
        project.dispose();
    }
}

async function judgeFiles(project: MutatedProject, seed: number, count: number): Promise<number> {
    const verdicts: Verdict[] = [];
    for (const pipeline of values.pipeline ?? Object.keys(FILES)) {
        const files = (values.file ?? FILES[pipeline] ?? []).map((file) => `sql/${pipeline}/${file}`);
        const rows = ROW_PIPELINES.find((one) => one === pipeline);
        const shape = SHAPES.find((one) => one.pipeline === pipeline) ?? PAYMENTS_V1;
        const judged =
            rows === undefined
                ? await judge(project, files, histories(seed, count), (folder, one) =>
                      followHistory(folder, one, shape),
                  )
                : await judge(project, files, rowHistories(rows, seed, count), (folder, one) =>
                      followRows(folder, rows, one),
                  );
        if (judged === null) {
            return 2;
        }
        verdicts.push(...judged);
    }
    return summary(verdicts);
}

/** Null: the SQL fails as it is. */
async function judge<History>(
    project: MutatedProject,
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
