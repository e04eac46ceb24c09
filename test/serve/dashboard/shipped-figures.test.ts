import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDashboard } from '../../../src/query/dashboard.ts';
import { type Figure, rowsColumns } from '../../../src/query/figure.ts';
import type { Question } from '../../../src/query/question.ts';
import { AskFigures, type Given, type Row, valuesFor } from '../../support/ask-figures.ts';
import { filledDatabases, hasSharedData, SOURCES } from '../../support/dashboards.ts';
import { PROJECT, runProgram, sqliteShell } from '../../support/elt.ts';

/** Every figure that comes with elt can be queried, followed to its rows, and run in the bare shell. */

const SQL = join(PROJECT, 'sql');
const PIPELINES = Object.keys(SOURCES);

/** Filters under which each pipeline still has something to show. */
const FILTERS: Readonly<Record<string, Given>> = {
    payments: { from: '2021-06-03', to: '2021-06-03', currency: 'GBP' },
    payments_v1: { from: '2021-06-16', to: '2021-06-16', currency: 'EUR' },
    card_spend: { from: '2023-03-20', to: '2023-04-20', merchantTypeCode: '5732' },
    game: { from: '2010-05-10', to: '2010-05-12', country: 'DE' },
    cash_flow: { from: '2020-08-30', to: '2020-09-02' },
};

function figuresOf(pipeline: string): readonly Figure[] {
    return readDashboard(SQL, pipeline).figures.map((entry) => {
        if ('error' in entry) {
            throw entry.error;
        }
        return entry.figure;
    });
}

const CASES = PIPELINES.flatMap((pipeline) => figuresOf(pipeline).map((figure) => [pipeline, figure] as const));

describe('every pipeline has its page', () => {
    test.each([
        ['payments', 8],
        ['payments_v1', 5],
        ['card_spend', 5],
        ['game', 7],
        ['cash_flow', 6],
    ])('%s: %i figures, each with its rows', (pipeline, count) => {
        const figures = figuresOf(pipeline);
        expect(figures.length).toBeGreaterThanOrEqual(count - 1);
        expect(figures.filter(({ rows }) => rows === null)).toEqual([]);
        expect(figures.filter(({ why }) => why === null)).toEqual([]);
        expect(figures[0]?.chart).toBe('number');
    });
});

describe.skipIf(!hasSharedData())('on the shared data', () => {
    let asked: AskFigures;
    beforeAll(async () => {
        asked = new AskFigures(await filledDatabases());
    });
    afterAll(() => asked?.close());

    test.each(CASES.map(([pipeline, figure]) => [pipeline, figure.name, figure] as const))(
        '%s %s leads to rows',
        (pipeline, name, figure) => {
            for (const filters of [{}, FILTERS[pipeline] as Given]) {
                const rows = asked.figure(pipeline, name, filters);
                const [first] = rows;
                // The real data contains no decline and no pending cash-out.
                const isEmpty = /^(payments 40_|cash_flow 40_)/.test(`${pipeline} ${name}`);
                expect(rows.length > 0, JSON.stringify(filters)).toBe(!isEmpty);
                if (first !== undefined) {
                    rowsColumns(figure, Object.keys(first));
                    expect(asked.rows(pipeline, name, first, filters).length).toBeGreaterThan(0);
                }
            }
        },
    );

    test.each([
        ['payments', '10_headline', 'events'],
        ['payments', '20_events_by_day', 'events'],
        ['payments', '30_events_by_lifecycle', 'events'],
        ['payments', '60_tokens_by_instrument', 'tokens'],
        ['payments_v1', '10_headline', 'events'],
        ['payments_v1', '20_events_by_day', 'events'],
        ['payments_v1', '40_declines_by_reason', 'declines'],
        ['card_spend', '10_headline', 'transactions'],
        ['card_spend', '40_top_users', 'transactions'],
        ['card_spend', '50_returns_by_merchant_type', 'returns'],
        ['game', '10_headline', 'logins'],
        ['game', '20_players_by_day', 'logins'],
        ['game', '30_players_by_campaign', 'players'],
        ['game', '60_session_length', 'sessions'],
        ['game', '70_discarded_by_reason', 'events'],
        ['cash_flow', '50_highest_balances', 'movements'],
        ['cash_flow', '60_lowest_balances', 'movements'],
    ])('%s %s: as many rows behind each value as "%s" counts', (pipeline, name, column) => {
        for (const filters of [{}, FILTERS[pipeline] as Given]) {
            const counted = asked.figure(pipeline, name, filters);
            const found = counted.map((row) => asked.rows(pipeline, name, row, filters).length);
            expect(found).toEqual(counted.map((row) => row[column]));
        }
    });

    const shell = sqliteShell();
    describe.skipIf(shell === null)('in the bare shell of Debian', () => {
        /** The shell's answer; a parameter that is not given is null there too. */
        const shellRows = async (pipeline: string, question: Question, given: Given): Promise<readonly Row[]> => {
            const values = Object.entries(given).filter(([name]) =>
                question.parameters.some((one) => one.name === name),
            );
            const input = [
                '.parameter init',
                ...values.map(([name, value]) => {
                    const text = `'${value.replaceAll("'", "''")}'`;
                    const isInteger = question.parameters.some((one) => one.name === name && one.type === 'integer');
                    return `insert into sqlite_parameters values (':${name}', ${isInteger ? value : text});`;
                }),
                `.read ${join(PROJECT, question.file)}`,
            ];
            const ran = await runProgram('sqlite3', ['-bail', '-json', asked.file(pipeline)], {
                input: input.join('\n'),
            });
            expect(ran.stderr).toBe('');
            return ran.stdout === '' ? [] : (JSON.parse(ran.stdout) as Row[]);
        };

        test.each(CASES.map(([pipeline, figure]) => [pipeline, figure.name, figure] as const))(
            '%s %s',
            async (pipeline, _, figure) => {
                for (const filters of [{}, FILTERS[pipeline] as Given]) {
                    const rows = asked.ask(pipeline, figure, filters);
                    expect(await shellRows(pipeline, figure, filters)).toEqual(rows);
                    if (figure.rows !== null && rows[0] !== undefined) {
                        const given = valuesFor(figure.rows, rows[0], filters);
                        const behind = asked.ask(pipeline, figure.rows, given);
                        expect(await shellRows(pipeline, figure.rows, given)).toEqual(behind);
                    }
                }
            },
        );

        test('the options of the filters', async () => {
            for (const pipeline of PIPELINES) {
                for (const { options } of readDashboard(SQL, pipeline).filters) {
                    if (options !== null) {
                        expect(await shellRows(pipeline, options, {})).toEqual(asked.ask(pipeline, options, {}));
                    }
                }
            }
        });
    });
});
