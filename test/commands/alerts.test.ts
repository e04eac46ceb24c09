import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { isCrossed, parseAlert } from '../../src/query/figure-alert.ts';
import { elt } from '../support/elt.ts';
import { type LabProject, labProject } from '../support/server.ts';

/** A threshold of a figure: what a run crosses is said and sent once. */

const FIGURE =
    '-- title: Rate\n-- chart: number\n-- alert: rate_percent < 40\nselect max(n) as rate_percent from numbers;\n';

/** Each migration sets the rate; each run after it looks at the figure. */
const rate = (n: number | null): string =>
    `delete from numbers;\n${n === null ? '' : `insert into numbers values (${n}, '');\n`}`;

describe('a threshold', () => {
    let lab: LabProject;
    let count = 1;
    beforeAll(async () => {
        lab = await labProject({ 'dashboard/10_rate.sql': FIGURE });
    });

    const runAt = async (n: number | null, to: string): Promise<string> => {
        count++;
        lab.write(`../../migrations/lab/${String(count).padStart(4, '0')}_rate.sql`, rate(n));
        expect((await elt([...lab.words, 'migrate'])).status).toBe(0);
        const ran = await elt([...lab.words, 'transform', '--on-alert', to]);
        expect(ran.status).toBe(0);
        return ran.stderr;
    };

    it('is sent when a run crosses it, and not again before it was good', async () => {
        const sent = join(lab.project, 'sent.jsonl');
        writeFileSync(sent, '');
        const to = `cat >> '${sent}'`;
        const values = (): unknown[] =>
            readFileSync(sent, 'utf8')
                .split('\n')
                .filter(Boolean)
                .map((line) => (JSON.parse(line) as { value: number }).value);
        expect(await runAt(50, to)).toBe('');
        expect(values()).toEqual([]);
        expect(await runAt(39, to)).toContain('alert: Rate: rate_percent is 39 (rate_percent < 40)');
        expect(await runAt(30, to)).toBe('');
        expect(await runAt(null, to)).toBe('');
        expect(values()).toEqual([39]);
        expect(await runAt(40, to)).toContain('alert over: Rate: rate_percent is 40');
        expect(await runAt(20, to)).toContain('alert: Rate');
        expect(values()).toEqual([39, 20]);
        expect(JSON.parse(readFileSync(sent, 'utf8').split('\n')[0] as string)).toMatchObject({
            ...{ pipeline: 'lab', figure: '10_rate', title: 'Rate', alert: 'rate_percent < 40', value: 39 },
            since: expect.stringMatching(/^\d{4}-/),
        });
    });

    it('that could not be sent is sent by the next run', async () => {
        await runAt(50, 'true');
        expect(await runAt(10, 'cat > /dev/null; exit 3')).toContain('the next run tries again: it ended with 3');
        const bodies: string[] = [];
        const server = createServer((request, response) => {
            request.on('data', (chunk: Buffer) => bodies.push(chunk.toString()));
            request.on('end', () => response.end());
        });
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const { port } = server.address() as AddressInfo;
        await runAt(10, `http://127.0.0.1:${port}/hook`);
        await runAt(10, `http://127.0.0.1:${port}/hook`);
        server.close();
        expect(bodies.map((body) => (JSON.parse(body) as { value: number }).value)).toEqual([10]);
        expect(await runAt(50, `http://127.0.0.1:${port}/hook`)).toContain('alert over');
    });

    it('of a column that is none says so, and the run is done', async () => {
        lab.write(
            'dashboard/20_wrong.sql',
            '-- title: W\n-- chart: number\n-- alert: n > 1\nselect nothing from nowhere;\n',
        );
        const twice = '-- title: T\n-- chart: number\n-- alert: n > 1\n-- alert: n > 2\nselect 1 as n;\n';
        lab.write('dashboard/30_twice.sql', twice);
        const said = await runAt(50, 'true');
        for (const file of ['20_wrong', '30_twice']) {
            expect(said).toContain(`the alert of "sql/lab/dashboard/${file}.sql" cannot be looked at`);
        }
    });

    afterAll(() => undefined);
});

test.each([
    ['rate < 40', 39.9, true],
    ['rate < 40', 40, false],
    ['rate <= 40', 40, true],
    ['rate > -1.5', -1, true],
    ['rate >= 0', -1, false],
])('%s at %d: %s', (text, value, crossed) => {
    const alert = parseAlert(text);
    expect(alert !== undefined && isCrossed(alert, value)).toBe(crossed);
});

test.each(['rate', 'rate = 4', 'rate < x', '< 4', 'rate < 4; drop', 'rate < 1e3'])('"%s" is no threshold', (text) => {
    expect(parseAlert(text)).toBeUndefined();
});
