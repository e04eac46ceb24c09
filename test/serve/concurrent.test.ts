import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { startServer, type TestServer } from '../support/server.ts';

/** The database is loaded, transformed and rebuilt while it is queried: readers see only whole runs. */

const COUNTS = `-- route: GET /counts
select
    (select count(*) from metrics) as metrics,
    (select count(*) from metrics_now) as defined,
    (select count(*) from current_event_v2_data) as events;
`;

let words: readonly string[];
let server: TestServer;
beforeAll(async () => {
    const project = workFolder();
    for (const folder of ['sql/payments', 'migrations/payments', 'migrations/control']) {
        cpSync(join(PROJECT, folder), join(project, folder), { recursive: true });
    }
    mkdirSync(join(project, 'sql/payments/api'), { recursive: true });
    writeFileSync(join(project, 'sql/payments/api/counts.sql'), COUNTS);
    words = ['--project', project, '--pipeline', 'payments', '--db', join(project, 'payments.db')];
    await run('run', '-', 1);
    server = await startServer(words, ['--quiet']);
});
afterAll(async () => {
    expect(await server.stop()).toBe(0);
});

/** A command of `elt` on a sample of that seed. */
async function run(command: string, source: string | null, seed: number): Promise<void> {
    const sample =
        source === null
            ? undefined
            : (await elt(['sample', 'payments', '--records', '1500', '--seed', `${seed}`])).stdout;
    const ran = await elt(
        [...words, command, ...(source === null ? [] : [source])],
        sample === undefined ? {} : { input: sample },
    );
    expect(ran.status, ran.stderr).toBe(0);
}

it('each answer is the state before a run or the state after it', async () => {
    const states: string[] = [(await server.get('/counts')).text];
    const tags = new Set<string | null>();
    const steps = [
        () => run('run', '-', 2),
        () => run('rebuild', null, 0),
        () => run('load', '-', 3),
        () => run('transform', null, 0),
        () => run('run', '-', 4),
        () => run('rebuild', null, 0),
    ];
    for (const step of steps) {
        let isDone = false;
        const seen = new Set<string>();
        const done = step().finally(() => {
            isDone = true;
        });
        while (!isDone) {
            const answer = await server.get('/counts');
            expect(answer.status, answer.text).toBe(200);
            tags.add(answer.headers.get('etag'));
            seen.add(answer.text);
        }
        await done;
        const before = states.at(-1) as string;
        const after = (await server.get('/counts')).text;
        states.push(after);
        expect([...seen].filter((text) => text !== before && text !== after)).toEqual([]);
    }
    // Runs changed the answers; a rebuild and a load alone did not.
    expect(new Set(states).size).toBe(4);
    expect(tags.size).toBeGreaterThanOrEqual(4);
    for (const text of states) {
        const [{ metrics, defined, events }] = JSON.parse(text) as [
            { metrics: number; defined: number; events: number },
        ];
        expect(metrics).toBe(defined);
        expect(events).toBeGreaterThan(metrics);
    }
});

it('a tag that was sent while the database changed never stands for newer data', async () => {
    let isDone = false;
    const done = run('run', '-', 5).finally(() => {
        isDone = true;
    });
    const byTag = new Map<string, string>();
    while (!isDone) {
        const answer = await server.get('/counts');
        byTag.set(answer.headers.get('etag') as string, answer.text);
    }
    await done;
    const now = (await server.get('/counts')).text;
    for (const [tag, text] of byTag) {
        const again = await server.get('/counts', { 'if-none-match': tag });
        expect(again.status === 304 ? text : again.text).toBe(now);
    }
});
