import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { casesOf } from '../../../src/project/case-files.ts';
import { PROJECT } from '../../support/elt.ts';
import { caseProject, runAll } from './case-project.ts';

/** The rows of a case in random batches find what one batch does not. */

describe('random histories', () => {
    /** An upkeep file that a person has edited: without one of its arms. */
    const cases = readFileSync(join(PROJECT, 'sql', 'cash_flow', 'tests', 'movements.case.sql'), 'utf8');
    const upkeep = readFileSync(join(PROJECT, 'sql', 'cash_flow', 'upkeep', 'movements.sql'), 'utf8');
    const [before = '', arms = ''] = upkeep.split(/(?=insert or ignore into movements_dirty)/);
    const [head = '', ...rest] = arms.split(';');
    const selects = head.split(/\n\nunion all\n\n/);

    test.each(selects.map((_, index) => index))('find that arm %i is missing', async (left) => {
        const [first = ''] = selects;
        const columns = /^insert[^\n]*\n/.exec(first)?.[0] ?? '';
        const kept = selects.map((select) => select.replace(columns, '')).filter((_, index) => index !== left);
        const text = `${before}${columns}${kept.join('\n\nunion all\n\n')};${rest.join(';')}`;
        const project = caseProject({});
        copyPipeline(project, text);
        const results = await runAll(project, { seed: 1, histories: 20 }, 'cash_flow');
        const faults = results.flatMap(({ fault }) => fault ?? []);
        expect(faults.length).toBeGreaterThan(0);
        // The same seed plays the same history.
        const seed = faults[0]?.seed ?? 0;
        const again = await runAll(project, { seed, histories: 1 }, 'cash_flow');
        expect(again.flatMap(({ fault }) => fault ?? [])).toContainEqual(faults[0]);
    });

    function copyPipeline(project: string, text: string): void {
        execFileSync('cp', ['-r', join(PROJECT, 'sql', 'cash_flow'), join(project, 'sql')]);
        execFileSync('cp', ['-r', join(PROJECT, 'migrations', 'cash_flow'), join(project, 'migrations')]);
        execFileSync('tee', [join(project, 'sql', 'cash_flow', 'upkeep', 'movements.sql')], {
            input: text,
            stdio: 'pipe',
        });
    }

    test('the cases of the pipeline are those that were meant', () => {
        expect(casesOf('movements', 'file', cases).length).toBe(2);
        expect(selects.length).toBe(4);
    });
});
