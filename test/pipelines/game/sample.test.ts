import { expect, test } from 'vitest';
import { sampleExchangeRates, sampleGame } from '../../../src/sample/game.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';
import { gameModel } from './game-model.ts';

const textOf = (chunks: Iterable<string>): string => [...chunks].join('');

test('the same seed gives the same bytes, another one others, and as many lines as asked', () => {
    const text = textOf(sampleGame({ records: 500, seed: 7 }));
    expect(textOf(sampleGame({ records: 500, seed: 7 }))).toBe(text);
    expect(textOf(sampleGame({ records: 500, seed: 8 }))).not.toBe(text);
    expect(text.trimEnd().split('\n')).toHaveLength(500);
    expect(textOf(sampleGame({ records: 0 }))).toBe('');
});

test('a sample has every kind of dirt, and is cleaned as the model says', async () => {
    const lines = textOf(sampleGame({ records: 3_000, seed: 3 }))
        .trimEnd()
        .split('\n');
    const model = gameModel(lines);
    const reasons = new Set(model.discarded.map((text) => text.slice(0, text.indexOf(':'))));
    expect([...reasons].sort()).toEqual([
        'duplicate',
        'invalid',
        'logged in already',
        'logged out',
        'not registered',
        'registered already',
    ]);
    expect(model.unreadable).toBeGreaterThan(0);
    const game = await RowPipeline.create('game');
    await game.load('exchange_rates.jsonl', Buffer.from(textOf(sampleExchangeRates())));
    const { rejected } = await game.load('events.jsonl', Buffer.from(lines.join('\n')));
    await game.transform();
    expect(rejected).toBe(model.unreadable);
    const discarded = game.rows("select reason || ': ' || line as text from discarded");
    expect(discarded.map((row) => row.text).sort()).toEqual(model.discarded);
    for (const table of ['users', 'sessions', 'transactions'] as const) {
        expect(game.rows(`select count(*) as found from ${table}`), table).toEqual([{ found: model[table].length }]);
    }
    game.close();
});
