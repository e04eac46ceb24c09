import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { propertyRuns } from '../../support/properties.ts';
import { RowPipeline } from '../../support/row-pipeline.ts';
import { sharedData } from '../../support/shared-data.ts';
import { sentMessages } from './cash-messages.ts';
import { type Messages, TOPICS } from './cash-model.ts';
import { checkCash } from './check-cash.ts';

const TABLES = ['movements', ...TOPICS.map((topic) => `current_${topic}`)];

test('any order, any files, messages twice: the model, and what a rebuild gives', { timeout: 600_000 }, async () => {
    await fc.assert(
        fc.asyncProperty(sentMessages, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (all, perRun, asArray) => {
            const cash = await RowPipeline.create('cash_flow');
            try {
                const messages: Messages = {
                    cash_ins: [],
                    cash_outs_created: [],
                    cash_outs_processed: [],
                    cash_outs_refunded: [],
                };
                for (let from = 0; from < all.length; from += perRun) {
                    for (const topic of TOPICS) {
                        const part = all.slice(from, from + perRun).filter((one) => one.topic === topic);
                        const list = part.map(({ message }) => message);
                        messages[topic].push(...(list as never[]));
                        const text = asArray ? JSON.stringify(list) : list.map((one) => JSON.stringify(one)).join('\n');
                        if (list.length > 0) {
                            await cash.load(`${topic}.json`, Buffer.from(text));
                        }
                    }
                    await cash.transform();
                    checkCash(cash, messages);
                }
                const incremental = cash.contents(TABLES);
                await cash.transform(true);
                expect(cash.contents(TABLES)).toEqual(incremental);
            } finally {
                cash.close();
            }
        }),
        propertyRuns(40),
    );
});

const files = TOPICS.map((topic) => sharedData(`${topic}.json`));

describe.skipIf(files.includes(undefined))('the shared messages', () => {
    test.each([[TOPICS], [[...TOPICS].reverse()]])('landed in the order %j', async (topics) => {
        const cash = await RowPipeline.create('cash_flow');
        const messages: Partial<Record<string, unknown>> = {};
        for (const topic of topics) {
            const bytes = readFileSync(files[TOPICS.indexOf(topic)] as string);
            messages[topic] = JSON.parse(bytes.toString('utf8'));
            await cash.load(`${topic}.json`, bytes);
            await cash.transform();
        }
        checkCash(cash, messages as unknown as Messages);
        cash.close();
    });
});
