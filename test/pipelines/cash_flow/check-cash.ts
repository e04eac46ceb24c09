import { deepStrictEqual } from 'node:assert/strict';
import type { RowPipeline } from '../../support/row-pipeline.ts';
import { cashModel, type Messages } from './cash-model.ts';

/** Every question of the pipeline, compared with the model of all messages so far. */
export function checkCash(cash: RowPipeline, messages: Messages): void {
    const model = cashModel(messages);
    const movements = cash.rows('select * from movements order by transaction_id, kind');
    deepStrictEqual(movements, model.movements);
    for (const question of ['daily', 'balances', 'pending', 'processing_time'] as const) {
        deepStrictEqual([question, cash.ask(question)], [question, model[question]]);
    }
}
