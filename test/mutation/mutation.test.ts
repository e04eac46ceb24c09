import { afterAll, describe, expect, test } from 'vitest';
import type { HistoryPlan } from '../support/history.ts';
import { PAYMENTS_V1 } from '../support/payments-model.ts';
import { explanationOf } from './explained.ts';
import { followHistory } from './follow-history.ts';
import { followRows } from './follow-rows.ts';
import { spoilt } from './judge-rules.ts';
import { type Mutant, mutantsOf } from './mutants.ts';
import { histories, MutatedProject } from './mutate.ts';
import { rowHistories } from './row-histories.ts';
import { RULE_MUTANTS } from './rule-mutants.ts';

/** The machinery of `npm run mutate`; the whole of it takes minutes. */

const follow = (folder: string, plan: HistoryPlan) => followHistory(folder, plan, PAYMENTS_V1);

describe('what is taken out of a file', () => {
    const cases: [sql: string, mutants: [line: number, kind: Mutant['kind'], removed: string][]][] = [
        [
            'delete from a;\nselect 1;',
            [
                [1, 'statement', 'delete from a;'],
                [2, 'statement', 'select 1;'],
            ],
        ],
        [
            'select a from b\nwhere c = 1 and (d = 2 or e = 3)\norder by a;',
            [
                [1, 'statement', 'select a from b where c = 1 and (d = 2 or e = 3) order by a;'],
                [2, 'guard', 'c = 1'],
                [2, 'guard', '(d = 2 or e = 3)'],
            ],
        ],
        [
            'select a from b\nunion all\nselect case when c and d then 1 end from (select 1 union all select 2);',
            [
                [
                    1,
                    'statement',
                    'select a from b union all select case when c and d then 1 end from (select 1 union all select 2);',
                ],
                [1, 'arm', 'select a from b union all '],
                [2, 'arm', 'union all select case when c and d then 1 end from (select 1 union all select 2)'],
            ],
        ],
        [
            'create trigger t after insert on a when new.b\nbegin\ndelete from c where d = 1;\ndelete from e;\nend;',
            [
                [
                    1,
                    'statement',
                    'create trigger t after insert on a when new.b begin delete from c where d = 1; delete from e; end;',
                ],
                [3, 'trigger statement', 'delete from c where d = 1;'],
                [4, 'trigger statement', 'delete from e;'],
                [1, 'guard', 'new.b'],
                [3, 'guard', 'd = 1'],
            ],
        ],
    ];
    test.each(cases)('%s', (sql, wanted) => {
        const found = mutantsOf(sql, 'file.sql');
        expect(found.map(({ line, kind, removed }) => [line, kind, removed])).toEqual(wanted);
        for (const { kind, text } of found) {
            expect(text.length).toBeLessThan(sql.length);
            expect(text.includes('true')).toBe(kind === 'guard');
        }
    });
});

describe('who is caught', () => {
    const project = new MutatedProject();
    afterAll(() => project.dispose());
    const plans = histories(1, 12);
    const mart = 'sql/payments_v1/upkeep/metrics.sql';
    const mutant = (kind: Mutant['kind'], removed: RegExp): Mutant =>
        project.mutants(mart).find((one) => one.kind === kind && removed.test(one.removed)) as Mutant;

    test('not the SQL as it is', async () => {
        expect(await follow(project.folder, plans[0] as (typeof plans)[number])).toBeNull();
    });

    test('a mart without the arm of a table', async () => {
        const verdict = await project.judge(mart, mutant('arm', /from changed_transaction cross join/), plans, follow);
        expect(verdict).toMatchObject({ caughtBy: expect.stringContaining('metrics'), explanation: undefined });
        expect(await follow(project.folder, plans[0] as (typeof plans)[number])).toBeNull();
    });

    test('not a mart without an index, and that is explained', async () => {
        const index = mutant('statement', /^create index .* current_event_by_flow_id /);
        expect(await project.judge(mart, index, plans.slice(0, 2), follow)).toMatchObject({
            caughtBy: null,
            histories: 2,
        });
        expect(explanationOf(index, mart)).toContain('only speed');
    });
});

describe('who is caught by files of rows', () => {
    const project = new MutatedProject();
    afterAll(() => project.dispose());

    test.each([
        ['card_spend', 'upkeep', 'transactions', 'statement', /^update elt_watermarks /],
        ['game', 'marts', 'events', 'guard', /^copy = 1$/],
        ['game', 'upkeep', 'users', 'statement', /^delete from users where user_id in /],
        ['cash_flow', 'upkeep', 'movements', 'arm', /from changed_cash_outs_refunded/],
    ] as const)('%s: not the SQL as it is, but %s/%s without a part', async (pipeline, folder, mart, kind, removed) => {
        const plans = rowHistories(pipeline, 1, 6);
        const follow = (project: string, plan: (typeof plans)[number]) => followRows(project, pipeline, plan);
        for (const plan of plans.slice(0, 2)) {
            expect(await follow(project.folder, plan)).toBeNull();
        }
        const file = `sql/${pipeline}/${folder}/${mart}.sql`;
        const mutant = project.mutants(file).find((one) => one.kind === kind && removed.test(one.removed)) as Mutant;
        const verdict = await project.judge(file, mutant, plans, follow);
        expect(verdict).toMatchObject({ caughtBy: expect.any(String), explanation: undefined });
    });
});

test.each(RULE_MUTANTS)('the rule "$rule" stands in the generator once', (mutant) => {
    expect(spoilt(mutant)).toContain(mutant.instead);
});
