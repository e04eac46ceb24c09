import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelOf } from '../../src/project/model-files.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { loadGenerator } from '../../src/transform/marts/with-generator.ts';
import { planTransform } from '../../src/transform/plan/plan-transform.ts';
import { emptyModel } from '../../src/transform/run-steps.ts';
import { transform } from '../../src/transform/transform.ts';
import { close, load, migratedDatabase, projectFiles } from '../support/bench-database.ts';
import { elt } from '../support/elt.ts';

/** What a fill from scratch does around a mart's file, and what a small run does differently. */

const files = projectFiles('payments');
const KEPT = { select: [], rebuild: false } as const;
const ANEW = { select: ['metrics'], rebuild: true } as const;

let database: Database;
beforeAll(async () => {
    await loadGenerator();
    database = await migratedDatabase('payments');
    await sample('1');
});
afterAll(() => close(database));

test('the index on a mart’s key is created by its file, also after a refill', () => {
    expect(keyIndex()).toBeUndefined();
    transform(database, files, KEPT);
    expect(keyIndex()).toMatch(/^CREATE UNIQUE INDEX key_metrics on metrics/i);
    transform(database, files, ANEW);
    expect(keyIndex()).toMatch(/^CREATE UNIQUE INDEX key_metrics on metrics/i);
});

test('a mart is emptied without that index, and tables of other models keep theirs', () => {
    const { planned } = planTransform(database, files, ANEW);
    const metrics = planned.find(({ ordered }) => ordered.model === 'metrics');
    const steps = metrics === undefined ? [] : emptyModel(database, metrics, planned);
    const drops = steps.filter((sql) => sql.startsWith('drop index'));
    expect(drops).toEqual(['drop index if exists key_metrics']);
    expect(steps.indexOf(drops[0] ?? '')).toBeLessThan(steps.indexOf('delete from metrics'));
});

test('temporary data is in memory in a small run, and on disk in all others', async () => {
    await sample('2');
    transform(database, files, KEPT);
    expect(temporaryPlace()).toBe('memory');
    transform(database, files, ANEW);
    expect(temporaryPlace()).toBe('file');
    await sample('3');
    // An edited file is filled from scratch, however few changes there are.
    const edited = files.models.map((model) =>
        model.name === 'metrics' ? modelOf(model.name, model.kind, model.file, `${model.text}\nselect 1;\n`) : model,
    );
    transform(database, { ...files, models: edited }, KEPT);
    expect(temporaryPlace()).toBe('file');
});

async function sample(seed: string): Promise<void> {
    const { stdout } = await elt(['sample', 'payments', '--records', '200', '--seed', seed]);
    await load(database, stdout);
}

function keyIndex(): unknown {
    return database.prepare("select sql from sqlite_schema where name = 'key_metrics'").pluck().get();
}

function temporaryPlace(): string | undefined {
    return ['default', 'file', 'memory'][Number(database.pragma('temp_store', { simple: true }))];
}
