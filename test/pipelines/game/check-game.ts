import { deepStrictEqual } from 'node:assert/strict';
import type { RowPipeline } from '../../support/row-pipeline.ts';
import { COUNTRIES, DAYS, GAME_USERS } from './game-lines.ts';
import type { GameResult, Session } from './game-model.ts';
import { gameStatistics, userStatistics } from './game-statistics.ts';

/** What the game's pipeline holds and answers, compared with the model. */

const RATES = { USD: '1', EUR: '1.305' };
/** The rates as the pipeline takes them in. */
export const RATE_LINES = Object.entries(RATES)
    .map(([currency, rate]) => `{"currency": "${currency}", "rate_to_usd": "${rate}"}\n`)
    .join('');

function byKey<T>(rows: readonly T[]): readonly T[] {
    return rows
        .map((row) => JSON.stringify(row))
        .sort()
        .map((text) => JSON.parse(text) as T);
}

/** The pipeline's tables, compared with the model's lists. */
export function checkTables(game: RowPipeline, model: GameResult): void {
    const discarded = game.rows("select reason || ': ' || line as text from discarded");
    deepStrictEqual(discarded.map((row) => row.text).sort(), model.discarded);
    const columns = 'user_id, country, name, registration_timestamp, device_os, marketing_campaign';
    deepStrictEqual(byKey(game.rows(`select ${columns} from users`)), byKey(model.users));
    deepStrictEqual(byKey(game.rows('select * from sessions')), byKey(model.sessions.map(wholeSession)));
    deepStrictEqual(byKey(game.rows('select * from transactions')), byKey(model.transactions));
}

function wholeSession(session: Session): Record<string, unknown> {
    const { login_timestamp: from, logout_timestamp: to } = session;
    const length = to === null ? null : to - from;
    return {
        ...session,
        session_length_seconds: length,
        session_valid: length !== null && length > 1 ? 1 : 0,
        session_ended: to === null ? 0 : 1,
    };
}

/** Both questions for every user, day and country. */
export function checkAnswers(game: RowPipeline, model: GameResult): void {
    for (const date of [null, ...DAYS]) {
        const day = date === null ? {} : { date };
        for (const userId of GAME_USERS) {
            const answer = game.ask('user_stats', { userId, ...day })[0] ?? null;
            deepStrictEqual({ userId, date, answer }, { userId, date, answer: userStatistics(model, userId, date) });
        }
        for (const country of [null, ...COUNTRIES]) {
            const given = { ...day, ...(country === null ? {} : { country }) };
            const expected = gameStatistics(model, RATES, date, country);
            deepStrictEqual({ given, answer: game.ask('game_stats', given) }, { given, answer: [expected] });
        }
    }
}
