import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { ErrorFacts } from '../../src/core/errors.ts';
import { OwnThread } from '../../src/core/own-thread.ts';
import { workFolder } from '../support/elt.ts';
import { until } from '../support/follow-world.ts';

/** How a thread begins and ends, whatever its program does. */

function started(program: string) {
    const folder = workFolder();
    const owner = join(folder, 'owner.js');
    writeFileSync(
        join(folder, 'some-worker.js'),
        `const { parentPort: port, workerData } = require('node:worker_threads');\n${program}`,
    );
    const heard: unknown[] = [];
    const failures: ErrorFacts[] = [];
    const thread = new OwnThread<string, unknown>({
        owner: pathToFileURL(owner).href,
        program: 'some-worker',
        does: 'works',
        data: 7,
        heapMb: 16,
        youngMb: 2,
        hear: (message) => heard.push(message),
        failed: (facts) => failures.push(facts),
    });
    return { thread, heard, failures };
}

describe('a thread', () => {
    test('has its data, is told and tells', async () => {
        const { thread, heard, failures } = started(
            'port.on("message", (one) => port.postMessage([one, workerData]));',
        );
        thread.tell('first');
        thread.tell('second');
        await until(
            () => heard.length === 2,
            () => 'nothing is told',
        );
        await thread.close();
        expect([heard, failures]).toEqual([
            [
                ['first', 7],
                ['second', 7],
            ],
            [],
        ]);
    });

    test.each([
        ['throws', 'throw new Error("no more");', 'no more'],
        ['ends itself', 'process.exit(3);', 'it ended with 3'],
        ['says something last', 'port.postMessage("last"); port.close();', 'it ended with 0'],
    ])('that %s fails once, after all that it said', async (what, program, cause) => {
        const { thread, heard, failures } = started(program);
        await until(
            () => failures.length > 0,
            () => 'it does not fail',
        );
        expect(heard).toEqual(what === 'says something last' ? ['last'] : []);
        await thread.close();
        expect(failures).toEqual([
            { code: 'BUG', message: 'the thread that works failed', cause: expect.stringContaining(cause) },
        ]);
    });

    test.each([
        ['ends itself when it is told to', 'port.on("message", () => port.close());', 5_000, 0, 2_000],
        ['has so long for it', 'port.on("message", () => undefined);', 300, 250, 2_000],
        ['is ended at once otherwise', 'for (;;) {}', 0, 0, 2_000],
    ])('that is closed: %s, and does not fail', async (_, program, graceMs, msMin, msMax) => {
        const { thread, failures } = started(program);
        thread.tell('end');
        const began = performance.now();
        await thread.close(graceMs);
        const took = performance.now() - began;
        expect(took).toBeGreaterThanOrEqual(msMin);
        expect(took).toBeLessThan(msMax);
        expect(failures).toEqual([]);
    });
});
