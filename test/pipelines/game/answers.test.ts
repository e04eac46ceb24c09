import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../support/random.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';
import { sharedData } from '../../support/shared-data.ts';

/** The answers that were worked out without SQL, compared with what the pipeline's questions give. */

interface Answers {
    readonly counts: {
        readonly discarded: Readonly<Record<string, number>>;
        readonly users: number;
        readonly sessions: number;
        readonly transactions: number;
        readonly last_day: string;
    };
    readonly user: readonly { user_id: string; date: string | null; answer: Record<string, unknown> | null }[];
    readonly game: readonly { date: string | null; country: string | null; answer: Record<string, unknown> }[];
}

const events = sharedData('events.jsonl');
const rates = sharedData('exchange_rates.jsonl');
const answersFile = sharedData('events.answers.json');

describe.skipIf(events === undefined || rates === undefined || answersFile === undefined)('the shared events', () => {
    const answers = (): Answers => JSON.parse(readFileSync(answersFile as string, 'utf8')) as Answers;

    async function check(game: RowPipeline, rejected: number): Promise<void> {
        const { counts, user, game: days } = answers();
        const { unreadable, ...discarded } = counts.discarded;
        expect(rejected).toBe(unreadable);
        const found = game.rows('select reason, count(*) as events from discarded group by reason');
        expect(Object.fromEntries(found.map((row) => [row.reason, row.events]))).toEqual(discarded);
        for (const table of ['users', 'sessions', 'transactions'] as const) {
            expect(game.rows(`select count(*) as found from ${table}`), table).toEqual([{ found: counts[table] }]);
        }
        for (const { user_id, date, answer } of user) {
            const asked = game.ask('user_stats', { userId: user_id, ...(date === null ? {} : { date }) });
            expect({ user_id, date, answer: asked[0] ?? null }).toEqual({ user_id, date, answer });
        }
        for (const { date, country, answer } of days) {
            const given = { ...(date === null ? {} : { date }), ...(country === null ? {} : { country }) };
            expect({ date, country, answer: game.ask('game_stats', given) }).toEqual({
                date,
                country,
                answer: [answer],
            });
        }
    }

    test('from one file', async () => {
        const game = await RowPipeline.create('game');
        await game.load('exchange_rates.jsonl', readFileSync(rates as string));
        const { rejected } = await game.load('events.jsonl', readFileSync(events as string));
        await game.transform();
        await check(game, rejected);
        game.close();
    });

    test.each([1, 2, 3])('cut into ten and shuffled, transformed after each (seed %i)', async (seed) => {
        const random = new Random(seed);
        const lines = readFileSync(events as string, 'utf8')
            .split('\n')
            .filter((line) => line !== '');
        const shuffled = lines.map((line) => ({ line, at: random.uint32() })).sort((left, right) => left.at - right.at);
        const game = await RowPipeline.create('game');
        let rejected = 0;
        for (let part = 0; part < 10; part++) {
            const own = shuffled.filter((_, index) => index % 10 === part).map(({ line }) => line);
            rejected += (await game.load(`events-${part}.jsonl`, Buffer.from(own.join('\n')))).rejected;
            if (part === 4) {
                await game.load('exchange_rates.jsonl', readFileSync(rates as string));
            }
            await game.transform();
        }
        await check(game, rejected);
        game.close();
    });
});
