import { expect, test } from 'vitest';
import { NODE, runProgram, workFolder } from '../support/elt.ts';
import { findPostgres, NO_POSTGRES } from '../support/postgres.ts';

const WHO = ['elt run, a fresh process', 'elt follow, a server', 'elt run -, a pipe'];

const isMissing = findPostgres() === undefined;

test.skipIf(isMissing)(
    `the benchmark of ticks measures all that come to the same mart${isMissing ? ` (skipped: ${NO_POSTGRES})` : ''}`,
    { timeout: 120_000 },
    async () => {
        const words = ['--history', '200', '--rounds', '1', '--seconds', '1', '--no-write'];
        const { status, stdout, stderr } = await runProgram(NODE, ['bench/ticks.ts', ...words], {
            env: { ELT_BENCH: workFolder() },
        });
        expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
        const rows = stdout.split('\n').flatMap((line) => {
            const [, what, who, seconds, , times] = line.split('|').map((cell) => cell.trim());
            return who !== undefined && WHO.includes(who) ? [{ what, who, seconds, times }] : [];
        });
        expect(rows.map(({ what, who }) => `${what}: ${who}`)).toEqual(
            ['1,000 changes', '24 changes', 'nothing'].flatMap((what) => WHO.map((who) => `${what}: ${who}`)),
        );
        const ticks = rows.filter(({ what }) => what !== 'nothing');
        expect(ticks.every(({ seconds, times }) => Number(seconds) > 0 && Number(times) > 0)).toBe(true);
    },
);
