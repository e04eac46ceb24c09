import { describe, expect, test } from 'vitest';
import type { ProjectFiles } from '../../src/project/model-files.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { withGenerator } from '../../src/transform/marts/with-generator.ts';
import { planTransform } from '../../src/transform/plan/plan-transform.ts';
import { histories } from '../mutation/mutate.ts';
import { ROW_PIPELINES, rowHistories } from '../mutation/row-histories.ts';
import { load, migratedDatabase, projectFiles, runTransform } from '../support/bench-database.ts';
import { elt } from '../support/elt.ts';
import { historyLines } from '../support/history.ts';
import { PAYMENTS_TABLES } from '../support/payments-model.ts';
import { RowPipeline } from '../support/row-pipeline.ts';

/** The upkeep files that come with elt are what it would write now. */

interface Landed {
    readonly database: Database;
    readonly files: ProjectFiles;
}

async function payments(): Promise<Landed> {
    const database = await migratedDatabase('payments');
    await load(database, (await elt(['sample', 'payments', '--records', '60'])).stdout);
    return { database, files: projectFiles('payments') };
}

async function paymentsV1(): Promise<Landed> {
    const database = await migratedDatabase('payments_v1');
    const [plan] = histories(1, 1);
    await load(database, `${historyLines(PAYMENTS_TABLES, plan as NonNullable<typeof plan>).lines.join('\n')}\n`);
    return { database, files: projectFiles('payments_v1') };
}

async function rows(pipeline: (typeof ROW_PIPELINES)[number]): Promise<Landed> {
    const made = await RowPipeline.create(pipeline);
    const [history] = rowHistories(pipeline, 1, 1);
    for (const { name, text } of history?.groups.flat() ?? []) {
        await made.load(name, Buffer.from(text));
    }
    return { database: made.database, files: made.projectFiles() };
}

const PIPELINES: readonly (readonly [name: string, landed: () => Promise<Landed>])[] = [
    ['payments', payments],
    ['payments_v1', paymentsV1],
    ...ROW_PIPELINES.map((name) => [name, () => rows(name)] as const),
];

describe.each(PIPELINES)('%s', (_, landed) => {
    test('its upkeep is what "elt scaffold" would write, and nobody has edited it', async () => {
        const { database, files } = await landed();
        await runTransform(database, files);
        const { planned } = await withGenerator(() => planTransform(database, files, { select: [], rebuild: false }));
        const marts = planned.filter(({ upkeep }) => upkeep !== undefined);
        expect(marts.length).toBeGreaterThan(0);
        for (const { ordered, upkeep } of marts) {
            const file = files.models.find(({ name }) => name === ordered.model);
            expect(file?.text, ordered.model).toBe(upkeep?.text);
        }
        const behind = planned.flatMap(({ followed: { warning } }) => warning ?? []);
        expect(behind).toEqual([]);
        database.close();
    });
});
