import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelOf } from '../../src/project/model-files.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { indexesAside } from '../../src/transform/indexes-aside.ts';
import { loadGenerator } from '../../src/transform/marts/with-generator.ts';
import { planTransform } from '../../src/transform/plan/plan-transform.ts';
import { printRun } from '../../src/transform/print-run.ts';
import { emptyModel } from '../../src/transform/run-steps.ts';
import { transform } from '../../src/transform/transform.ts';
import { close, load, migratedDatabase, projectFiles } from '../support/bench-database.ts';
import { elt } from '../support/elt.ts';
import { RowPipeline } from '../support/row-pipeline.ts';

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

test('indexes of a migration are created after a fill from scratch, as they were', async () => {
    const game = await RowPipeline.create('game');
    const { database: inGame } = game;
    const stored = (): unknown[] =>
        inGame.prepare("select name, sql from sqlite_schema where type = 'index' and tbl_name = 'sessions'").all();
    const names = ['sessions_by_login', 'sessions_by_user'];
    const aside = (rebuild: boolean) =>
        planTransform(inGame, projectFiles('game'), { select: [], rebuild })
            .planned.filter(({ ordered }) => ordered.model === 'sessions')
            .map((planned) => indexesAside(inGame, planned));
    try {
        const before = new Set(stored());
        expect(before.size).toBe(names.length);
        await game.load('events.jsonl', Buffer.from(await sampleOf('game', '1')));
        expect(aside(false)).toEqual([
            {
                drop: names.map((name) => `drop index ${name}`),
                create: names.map((name) => expect.stringMatching(`^CREATE INDEX ${name} on sessions \\(`)),
            },
        ]);
        await game.transform();
        expect(new Set(stored())).toEqual(before);
        await game.load('events.jsonl', Buffer.from(await sampleOf('game', '2')));
        // New rows go into the indexes that are there.
        expect(aside(false)).toEqual([{ drop: [], create: [] }]);
        await game.transform();
        inGame.exec(printRun(inGame, projectFiles('game'), { select: [], rebuild: true }));
        expect(new Set(stored())).toEqual(before);
        await game.transform(true);
        expect(new Set(stored())).toEqual(before);
    } finally {
        game.close();
    }
});

test('temporary data is in memory in a small run, and in a small file', async () => {
    await sample('2');
    transform(database, files, KEPT);
    expect(temporaryPlace()).toBe('memory');
    transform(database, files, ANEW);
    expect(temporaryPlace()).toBe('memory');
});

test('in a large file it is on the disk in all other runs', async () => {
    await sample('3', 8_000);
    transform(database, files, KEPT);
    expect(temporaryPlace()).toBe('file');
    await sample('4');
    transform(database, files, KEPT);
    expect(temporaryPlace()).toBe('memory');
    transform(database, files, ANEW);
    expect(temporaryPlace()).toBe('file');
    await sample('5');
    // An edited file is filled from scratch, however few changes there are.
    const edited = files.models.map((model) =>
        model.name === 'metrics' ? modelOf(model.name, model.kind, model.file, `${model.text}\nselect 1;\n`) : model,
    );
    transform(database, { ...files, models: edited }, KEPT);
    expect(temporaryPlace()).toBe('file');
});

async function sample(seed: string, records = 200): Promise<void> {
    await load(database, await sampleOf('payments', seed, records));
}

async function sampleOf(pipeline: string, seed: string, records = 200): Promise<string> {
    return (await elt(['sample', pipeline, '--records', String(records), '--seed', seed])).stdout;
}

function keyIndex(): unknown {
    return database.prepare("select sql from sqlite_schema where name = 'key_metrics'").pluck().get();
}

function temporaryPlace(): string | undefined {
    return ['default', 'file', 'memory'][Number(database.pragma('temp_store', { simple: true }))];
}
