import fc from 'fast-check';
import { expect, test } from 'vitest';
import { propertyRuns } from '../../support/properties.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';
import { checkAnswers, checkTables, RATE_LINES } from './check-game.ts';
import { gameLines } from './game-lines.ts';
import { gameModel } from './game-model.ts';

const TABLES = ['events', 'users', 'sessions', 'transactions', 'discarded'];
/** Where a list of lines is cut into files. */
const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 9, size: 'max' });

function partsOf(lines: readonly string[], at: readonly number[]): string[][] {
    const places = [0, ...at.filter((place) => place < lines.length).sort((a, b) => a - b), lines.length];
    return places.slice(1).map((end, index) => lines.slice(places[index], end));
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
                    checkTables(game, gameModel(landed));
                }
                const model = gameModel(lines);
                expect(rejected).toBe(model.unreadable);
                checkAnswers(game, model);
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
