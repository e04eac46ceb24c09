import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLES } from '../../../src/sample/samples.ts';
import { testsOf } from '../../../src/transform/built-in-tests.ts';
import { withGenerator } from '../../../src/transform/marts/with-generator.ts';
import { planTransform } from '../../../src/transform/plan/plan-transform.ts';
import { projectFiles } from '../../support/bench-database.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';

/**
 * What a run of new rows reads, by the plans of its statements: only rows behind the watermark, and those of the users,
 * transactions or keys that they reach. Whatever else is walked through from end to end grows with the history.
 */

/** What a run may walk through: this run's rows, the list of models, and steps that are fed by one of these. */
const SMALL =
    /^(?:changed|dirty|\w+_dirty|\w+_fresh|changed_\w+|elt_\w+|\(subquery-\d+\)|events_read|events_judged|events_placed|movements_now|placed|preceded|session|fresh|shared|typed|definition|surplus|in_question|change|key_change|last_change)$/;

const pipelines: Readonly<Record<string, readonly (readonly [file: string, text: string])[]>> = {
    card_spend: [
        [
            'combined_transactions.csv',
            'user_id,transaction_type,merchant_type_code,amount_cents,datetime\n1,ReturnActivity,07,5,2024-05-01 09:12:44\n',
        ],
    ],
    game: [
        ['events.jsonl', [...SAMPLES.game.generate({ records: 300 })].join('')],
        ['exchange_rates.jsonl', [...SAMPLES.exchange_rates.generate({})].join('')],
    ],
    cash_flow: [
        ['cash_ins.json', cash(1, 0)],
        ['cash_outs_created.json', cash(2, 5)],
        ['cash_outs_processed.json', cash(2)],
        ['cash_outs_refunded.json', cash(2)],
    ],
};

function cash(id: number, amount?: number): string {
    const uuid = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
    const booked = { account_id: uuid(7), counterparty_account_id: uuid(8), amount };
    const message = { transaction_id: uuid(id), inserted_at: 1_598_227_738_000 };
    return JSON.stringify([amount === undefined ? message : { ...message, ...booked }]);
}

describe.each(Object.entries(pipelines))('a run of new rows of %s', (name, sources) => {
    let pipeline: RowPipeline;
    beforeAll(async () => {
        pipeline = await RowPipeline.create(name);
        for (const [file, text] of sources) {
            await pipeline.load(file, Buffer.from(text));
        }
        await pipeline.transform();
    });
    afterAll(() => pipeline.close());

    const files = projectFiles(name);
    // A view runs where it is asked.
    const filled = files.models.filter((model) => model.kind !== 'view');
    test.each(filled.map((model) => [model.name, model.statements] as const))(
        '%s walks through nothing that grows',
        (_, statements) => {
            const run = statements.filter(({ sql }) => /^\s*(?:--.*\n\s*)*(?:insert|update|delete)\b/i.test(sql));
            expect(run.length).toBeGreaterThan(1);
            expect(run.flatMap(({ sql }) => growingScans(pipeline, sql))).toEqual([]);
        },
    );

    test('no data test of every run does', async () => {
        const { planned } = await withGenerator(() => {
            return planTransform(pipeline.database, files, { select: [], rebuild: false });
        });
        const tests = testsOf(files, planned).filter((one) => one.scope === 'changed');
        expect(tests.length).toBeGreaterThan(0);
        expect(tests.flatMap((one) => growingScans(pipeline, one.statement.sql))).toEqual([]);
    });
});

/** Steps that walk through the whole of something that grows. */
function growingScans(pipeline: RowPipeline, sql: string): string[] {
    const steps = pipeline.rows(`explain query plan ${sql}`).map((step) => String(step.detail));
    // A first run's statement asks first whether the model is on the list of unfilled ones, else nothing is read.
    const asked = steps.findIndex((step) => step.startsWith('SEARCH elt_watermarks USING PRIMARY KEY'));
    const isLimited =
        /limit (?:coalesce\(\(select -1 from elt_unfilled|iif\(\s*exists \(\s*select 1\s+from \w+_dirty)/.test(sql);
    return steps.filter((step, index) => {
        if (isLimited || (asked !== -1 && asked < index && sql.includes('elt_unfilled'))) {
            return false;
        }
        const [, scanned] = /^SCAN (\S+)/.exec(step) ?? [];
        return scanned !== undefined && !SMALL.test(scanned) && step !== 'SCAN CONSTANT ROW';
    });
}

test('the plan of a scan is noticed', async () => {
    const game = await RowPipeline.create('game');
    const scan = "update users set name = 'x' where user_id in (select user_id from sessions)";
    expect(growingScans(game, scan)).toEqual([expect.stringMatching(/^SCAN sessions/)]);
    const guarded = "delete from users where 'users' in (select model from elt_unfilled)";
    expect(growingScans(game, guarded)).toEqual([expect.stringMatching(/^SCAN users/)]);
    game.close();
});
