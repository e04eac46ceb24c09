import { expect, test } from 'vitest';
import { measuredProcess } from '../../bench/measured-process.ts';
import { typedTables } from '../../bench/rivals/typed-tables.ts';
import { PROJECT, workFolder } from '../support/elt.ts';

/** The rival that is said to keep the same promises comes to the same rows, whatever the changes. */
test('DuckDB with the same promises folds updates, deletes, moved keys and columns left out as elt does', async () => {
    process.env.ELT_BENCH = workFolder();
    const { compareResults } = await import('../../bench/compare-results.ts');
    const { eltContestants, rivals } = await import('../../bench/contestants.ts');
    const { freshFile, landingProject, sampleFile } = await import('../../bench/workshop.ts');
    const [elt] = eltContestants([], landingProject());
    if (elt === undefined) {
        throw new Error('elt does not take part');
    }
    const database = freshFile('spec.db');
    await measuredProcess(elt.work('run', sampleFile(1_000).path, database).command);
    const spec = typedTables(database, PROJECT);
    const fair = rivals(spec).found.filter((one) => one.isFair);
    expect(fair.map(({ name }) => name)).toEqual(['DuckDB, same promises']);
    const said = await compareResults([elt, ...fair], spec, 2_000);
    expect(said).toMatch(/^All came to the same rows .* On 2,000 records .* came to the same rows/);
});
