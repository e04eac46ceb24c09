import fc from 'fast-check';
import { expect, test } from 'vitest';
import { propertyRuns } from '../support/properties.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import { COUNTRIES, DAYS, GAME_USERS, gameLines } from './game-lines.ts';
import { type GameResult, gameModel } from './game-model.ts';
import { gameStatistics, userStatistics } from './game-statistics.ts';

const TABLES = ['events', 'users', 'sessions', 'transactions', 'discarded'];
const RATES = { USD: '1', EUR: '1.305' };
const RATE_LINES = Object.entries(RATES)
    .map(([currency, rate]) => `{"currency": "${currency}", "rate_to_usd": "${rate}"}\n`)
    .join('');

/** Where a list of lines is cut into files. */
const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 9, size: 'max' });

function partsOf(lines: readonly string[], at: readonly number[]): string[][] {
    const places = [0, ...at.filter((place) => place < lines.length).sort((a, b) => a - b), lines.length];
    return places.slice(1).map((end, index) => lines.slice(places[index], end));
}

function byKey<T>(rows: readonly T[]): readonly T[] {
    return rows
        .map((row) => JSON.stringify(row))
        .sort()
        .map((text) => JSON.parse(text) as T);
}

function expectModel(game: RowPipeline, model: GameResult): void {
    const discarded = game.rows("select reason || ': ' || line as text from discarded");
    expect(discarded.map((row) => row.text).sort()).toEqual(model.discarded);
    const columns = 'user_id, country, name, registration_timestamp, device_os, marketing_campaign';
    expect(byKey(game.rows(`select ${columns} from users`))).toEqual(byKey(model.users));
    const sessions = game.rows('select session_id, user_id, login_timestamp, logout_timestamp from sessions');
    expect(byKey(sessions)).toEqual(byKey(model.sessions));
    expect(byKey(game.rows('select * from transactions'))).toEqual(byKey(model.transactions));
}

function expectAnswers(game: RowPipeline, model: GameResult): void {
    for (const date of [null, ...DAYS]) {
        const day = date === null ? {} : { date };
        for (const userId of GAME_USERS) {
            const answer = game.ask('user_stats', { userId, ...day })[0] ?? null;
            expect({ userId, date, answer }).toEqual({ userId, date, answer: userStatistics(model, userId, date) });
        }
        for (const country of [null, ...COUNTRIES]) {
            const given = { ...day, ...(country === null ? {} : { country }) };
            const expected = gameStatistics(model, RATES, date, country);
            expect({ given, answer: game.ask('game_stats', given) }).toEqual({ given, answer: [expected] });
        }
    }
}

test('in any split and order: what the rules say, and what a rebuild gives', { timeout: 600_000 }, async () => {
    await fc.assert(
        fc.asyncProperty(gameLines, cuts, fc.integer({ min: 7, max: 4096 }), async (lines, at, chunkBytes) => {
            const game = await RowPipeline.create('game');
            try {
                await game.load('exchange_rates.jsonl', Buffer.from(RATE_LINES));
                let rejected = 0;
                let landed: string[] = [];
                for (const part of partsOf(lines, at)) {
                    landed = [...landed, ...part];
                    const bytes = Buffer.from(part.join('\n'));
                    rejected += (await game.load('events.jsonl', bytes, chunkBytes)).rejected;
                    await game.transform();
                    expectModel(game, gameModel(landed));
                }
                const model = gameModel(lines);
                expect(rejected).toBe(model.unreadable);
                expectAnswers(game, model);
                const incremental = game.contents(TABLES);
                await game.transform(true);
                expect(game.contents(TABLES)).toEqual(incremental);
            } finally {
                game.close();
            }
        }),
        propertyRuns(40),
    );
});
