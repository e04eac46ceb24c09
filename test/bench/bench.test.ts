import { describe, expect, test } from 'vitest';
import { linePlot } from '../../bench/line-plot.ts';
import { markdown } from '../../bench/report.ts';
import { shellScript } from '../../bench/rivals/shell-script.ts';
import { median, spread } from '../../bench/statistics.ts';

/** The harness is sane; nothing here is timed. */
describe('the benchmark harness', () => {
    test.each([
        [[3], 3, 0],
        [[4, 1, 3], 3, 0.5],
        [[4, 1, 3, 2], 2.5, 0.6],
    ])('median and spread of %j', (values, middle, share) => {
        expect(median(values)).toBe(middle);
        expect(spread(values)).toBeCloseTo(share);
    });

    test('a table has a rule and a line a row', () => {
        expect(markdown(['who', 's'], [['elt', '1']])).toBe('| who | s |\n| --- | ---: |\n| elt | 1 |\n');
    });

    test('what is flat looks flat: its points share one height', () => {
        const svg = linePlot('t', 'x', 'y', [
            {
                name: 'one',
                points: [
                    { x: 10, y: 2 },
                    { x: 1_000, y: 2 },
                ],
            },
        ]);
        const heights = [...svg.matchAll(/<circle [^>]*cy="([^"]+)"/g)].map((match) => match[1]);
        expect(heights).toHaveLength(2);
        expect(new Set(heights).size).toBe(1);
    });

    test('a rival makes the mart only where it is asked to', () => {
        const spec = { tables: [], indexes: [], view: 'create view v as select 1', mart: 'create table metrics (a)' };
        expect(shellScript('land', 'f', spec)).not.toContain('metrics');
        expect(shellScript('run', 'f', spec)).toContain('insert into metrics');
        expect(shellScript('append', 'f', spec)).not.toContain('create table metrics');
    });
});
