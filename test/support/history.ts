import fc from 'fast-check';
import { type Action, type ModelTable, PostgresModel, transactionLines, transactions } from './postgres-model.ts';

/** What happens between two looks at the database. */
export type Step =
    | { readonly kind: 'land'; readonly lines: number }
    | { readonly kind: 'transform' }
    | { readonly kind: 'byHand'; readonly file: number }
    | { readonly kind: 'byShell'; readonly file: number };

export interface HistoryPlan {
    readonly transactions: readonly (readonly Action[])[];
    readonly steps: readonly Step[];
    /** Every table has a whole row from the beginning, so that no model waits. */
    readonly beginsWhole?: boolean;
    /** Asks too that a fold stops where it cannot find the rows that the stream names. */
    readonly withStops?: boolean;
}

/** A history, and how it arrives: pieces of any size, runs, and files run by hand in between. */
export function historyPlan(withShell: boolean): fc.Arbitrary<HistoryPlan> {
    const step = fc.oneof(
        {
            weight: 5,
            arbitrary: fc.record({ kind: fc.constant('land' as const), lines: fc.integer({ min: 1, max: 12 }) }),
        },
        { weight: 5, arbitrary: fc.record({ kind: fc.constant('transform' as const) }) },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('byHand' as const), file: fc.nat({ max: 11 }) }) },
        ...(withShell
            ? [
                  {
                      weight: 3,
                      arbitrary: fc.record({ kind: fc.constant('byShell' as const), file: fc.nat({ max: 11 }) }),
                  },
              ]
            : []),
    );
    return fc.record({
        transactions,
        steps: fc.array(step, { minLength: 2, maxLength: 30, size: 'max' }),
        beginsWhole: fc.oneof(
            { weight: 4, arbitrary: fc.constant(true) },
            { weight: 1, arbitrary: fc.constant(false) },
        ),
    });
}

export interface HistoryLines {
    readonly lines: readonly string[];
    /** The model as it stands when the first `n` lines have landed: only whole transactions count. */
    readonly modelAfter: (landed: number) => PostgresModel;
}

/** The stream of a plan, and the model at each place of it. */
export function historyLines(tables: readonly ModelTable[], plan: HistoryPlan): HistoryLines {
    const model = new PostgresModel(tables);
    const lines: string[] = [];
    const states: { readonly at: number; readonly model: PostgresModel }[] = [{ at: 0, model: model.snapshot() }];
    const whole = [0, 1, 2].flatMap((choice) => tables.map((_, table) => [wholeRow(table, choice)]));
    for (const [index, actions] of [...(plan.beginsWhole ? whole : []), ...plan.transactions].entries()) {
        const changes = actions.flatMap((action) => model.apply(action));
        lines.push(...transactionLines(changes, index + 1));
        states.push({ at: lines.length, model: model.snapshot() });
    }
    const first = states[0] as (typeof states)[number];
    // At last every table has had a whole row: until then models may wait.
    lines.push(
        ...transactionLines(
            tables.flatMap((_, table) => model.apply(wholeRow(table))),
            states.length,
        ),
    );
    states.push({ at: lines.length, model: model.snapshot() });
    return { lines, modelAfter: (landed) => (states.findLast(({ at }) => at <= landed) ?? first).model };
}

function wholeRow(table: number, choice = 0): Action {
    return { kind: 'insert', table, row: 0, choices: Array(8).fill(choice), leftOut: 0, identity: 'changed' };
}
