import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propertyRuns } from '../../support/properties.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';
import { sharedData } from '../../support/shared-data.ts';
import { HEADER, lineOf, readLine, spent } from './card-rows.ts';
import { checkCards } from './check-cards.ts';

test('any split into files: the model, and what a rebuild gives', { timeout: 600_000 }, async () => {
    await fc.assert(
        fc.asyncProperty(fc.array(spent, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), async (rows, perFile) => {
            const cards = await RowPipeline.create('card_spend');
            try {
                for (let from = 0; from < rows.length; from += perFile) {
                    const lines = rows.slice(from, from + perFile).map(lineOf);
                    const text = [HEADER, ...lines, 'a,line,of,too,many,fields', `${lines[0]}x`].join('\n');
                    const { rejected } = await cards.load('combined_transactions.csv', Buffer.from(text));
                    expect(rejected).toBe(2);
                    await cards.transform();
                    checkCards(cards, rows.slice(0, from + perFile));
                }
                if (rows.length > 0) {
                    const incremental = cards.contents(['transactions']);
                    await cards.transform(true);
                    expect(cards.contents(['transactions'])).toEqual(incremental);
                }
            } finally {
                cards.close();
            }
        }),
        propertyRuns(30),
    );
});

const file = sharedData('combined_transactions.csv');

describe.skipIf(file === undefined)('the shared transactions', () => {
    test('every user and every merchant type', async () => {
        const bytes = readFileSync(file as string);
        const cards = await RowPipeline.create('card_spend');
        await cards.load('combined_transactions.csv', bytes);
        await cards.transform();
        const lines = bytes.toString('utf8').trimEnd().split(/\r?\n/).slice(1);
        expect(lines.length).toBe(500);
        checkCards(cards, lines.map(readLine));
        cards.close();
    });
});
