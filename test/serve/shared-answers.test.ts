import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Asked } from '../../src/serve/answers/ask-readers.ts';
import { SharedAnswers } from '../../src/serve/answers/shared-answers.ts';
import { propertyRuns } from '../support/properties.ts';

/** Promise of the cache: nobody gets the answer of an older state, nothing is asked twice at once, bytes have a limit. */

const BYTES_MAX = 12_000;

interface Step {
    readonly kind: 'ask' | 'commit' | 'settle' | 'fail';
    readonly pipeline: number;
    readonly question: number;
    readonly bytes: number;
}

const steps = fc.array(
    fc.record<Step>({
        kind: fc.constantFrom('ask', 'ask', 'ask', 'commit', 'settle', 'settle', 'fail'),
        pipeline: fc.nat(1),
        question: fc.nat(3),
        bytes: fc.integer({ min: 3_000, max: 9_000 }),
    }),
    { maxLength: 60 },
);

interface Running {
    readonly key: string;
    readonly resolve: (answer: Asked) => void;
    readonly reject: (error: Error) => void;
}

test('an answer is never older than its question, and one query runs for all who ask for the same', async () => {
    await fc.assert(
        fc.asyncProperty(steps, async (all) => {
            const shared = new SharedAnswers(BYTES_MAX);
            const versions = [0, 0];
            const running: Running[] = [];
            const waiting: Promise<void>[] = [];
            for (const { kind, pipeline, question, bytes } of all) {
                const version = versions[pipeline] as number;
                const key = `${pipeline} ${version} ${question}`;
                if (kind === 'commit') {
                    versions[pipeline] = version + 1;
                } else if (kind === 'ask') {
                    const answer = shared.get(
                        { pipeline: String(pipeline), version: `${pipeline}.${version}`, question: String(question) },
                        () => {
                            // Nobody else is asking the same.
                            expect(running.map((one) => one.key)).not.toContain(key);
                            return new Promise((resolve, reject) => running.push({ key, resolve, reject }));
                        },
                    );
                    waiting.push(
                        answer.then(
                            (asked) => expect('body' in asked && asked.body.toString().trimEnd()).toBe(key),
                            (error: unknown) => expect((error as Error).message).toBe(key),
                        ),
                    );
                } else {
                    const [one] = running.splice(0, 1);
                    const body = Buffer.from((one?.key ?? '').padEnd(bytes));
                    if (kind === 'settle') {
                        one?.resolve({ columns: [], rows: 0, next: null, body });
                    } else {
                        one?.reject(new Error(one.key));
                    }
                    await new Promise((resolve) => setImmediate(resolve));
                }
                expect(shared.figures().bytes).toBeLessThanOrEqual(BYTES_MAX);
                expect(shared.figures().bytes).toBeGreaterThanOrEqual(0);
            }
            for (const { resolve, key } of running) {
                resolve({ columns: [], rows: 0, next: null, body: Buffer.from(key) });
            }
            await Promise.all(waiting);
        }),
        propertyRuns(300),
    );
});

test('without a known state nothing is shared', async () => {
    const shared = new SharedAnswers(BYTES_MAX);
    let asked = 0;
    const ask = async (): Promise<Asked> => {
        asked++;
        return { columns: [], rows: 0, next: null, body: Buffer.from(String(asked)) };
    };
    const key = { pipeline: 'p', version: null, question: 'q' };
    await Promise.all([shared.get(key, ask), shared.get(key, ask)]);
    expect(asked).toBe(2);
});
