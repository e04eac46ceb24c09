import { dayOf, type GameResult, type Session } from './game-model.ts';

/** The two questions of the game, answered from the model's lists. */

export function userStatistics(game: GameResult, userId: string, date: string | null): Record<string, unknown> | null {
    const user = game.users.find((one) => one.user_id === userId);
    if (user === undefined) {
        return null;
    }
    const own = game.sessions.filter((session) => session.user_id === userId);
    const begun = own.filter((session) => isOn(session.login_timestamp, date));
    const until = date ?? (game.lastDay as string);
    const before = own.map((session) => dayOf(session.login_timestamp)).filter((day) => day <= until);
    const last = before.sort().at(-1);
    return {
        country: user.country,
        name: user.name,
        logins: begun.length,
        days_since_last_login: last === undefined ? null : (Date.parse(until) - Date.parse(last)) / 86_400_000,
        sessions: begun.filter(isValid).length,
        time_spent_seconds: sum(own.map((session) => secondsOn(session, date))),
    };
}

export function gameStatistics(
    game: GameResult,
    rates: Readonly<Record<string, string>>,
    date: string | null,
    country: string | null,
): Record<string, unknown> {
    const users = game.users.filter((user) => country === null || user.country === country);
    const isOurs = ({ user_id: id }: { user_id: string }): boolean => users.some((user) => user.user_id === id);
    const sessions = game.sessions.filter(isOurs);
    const begun = sessions.filter((session) => isOn(session.login_timestamp, date));
    const active = users.filter((user) => begun.some((session) => session.user_id === user.user_id));
    const sold = game.transactions.filter((one) => isOurs(one) && isOn(one.transaction_timestamp, date));
    const valid = active.map((user) => begun.filter((one) => one.user_id === user.user_id && isValid(one)).length);
    const played = users.map((user) =>
        sum(sessions.filter((one) => one.user_id === user.user_id).map((session) => secondsOn(session, date))),
    );
    return {
        daily_active_users: active.length,
        logins: begun.length,
        revenue_usd: revenue(sold, rates),
        paid_users: active.filter((user) => (user.marketing_campaign ?? '') !== '').length,
        average_sessions: averageOfPositive(valid),
        average_time_spent_seconds: averageOfPositive(played),
    };
}

function isOn(second: number, date: string | null): boolean {
    return date === null || dayOf(second) === date;
}

function isValid({ login_timestamp: from, logout_timestamp: to }: Session): boolean {
    return to !== null && to - from > 1;
}

function secondsOn(session: Session, date: string | null): number {
    if (!isValid(session)) {
        return 0;
    }
    const from = session.login_timestamp;
    const to = session.logout_timestamp as number;
    if (date === null) {
        return to - from;
    }
    const begins = Date.parse(date) / 1000;
    return Math.max(0, Math.min(to, begins + 86_400) - Math.max(from, begins));
}

/** Exact: whole numbers of 10^-20 dollars, rounded once, half up. */
function revenue(sold: GameResult['transactions'], rates: Readonly<Record<string, string>>): number | null {
    let units = 0n;
    for (const { amount, currency } of sold) {
        const rate = rates[currency];
        if (rate === undefined) {
            return null;
        }
        units += scaled(String(amount)) * scaled(rate);
    }
    return Number((units + 5n * 10n ** 17n) / 10n ** 18n) / 100;
}

function scaled(decimal: string): bigint {
    const [whole = '0', fraction = ''] = decimal.split('.');
    return BigInt(whole) * 10n ** 10n + BigInt(fraction.padEnd(10, '0'));
}

function averageOfPositive(values: readonly number[]): number | null {
    const counted = values.filter((value) => value > 0);
    if (counted.length === 0) {
        return null;
    }
    const count = BigInt(counted.length);
    return Number((BigInt(sum(counted)) * 20_000n + count) / (2n * count)) / 10_000;
}

function sum(values: readonly number[]): number {
    return values.reduce((total, value) => total + value, 0);
}
