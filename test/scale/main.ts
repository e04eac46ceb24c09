import { cpSync, createWriteStream, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readManifest } from '../../src/lake/manifest.ts';
import { TYPED_INSERTS } from '../lake/typed-rows.ts';
import { elt, PROJECT, startElt, workFolder } from '../support/elt.ts';
import { below, memoryOf } from '../support/memory-of.ts';
import { findSail, sailProgram } from '../support/sail.ts';
import { sparkConf, sparkHome } from '../support/spark.ts';
import { jsonWorld } from './json-values.ts';
import { itemWorld, type LakeWorld, lakeWorld, publishedFolder, runElt, writtenRows } from './lake-world.ts';
import { PIPELINES, type RunPipeline, sqliteTables } from './pipelines.ts';
import { differentHistories, differentValues } from './spark-questions.ts';
import { onSpark } from './spark-rows.ts';

/**
 * `npm run scale`: real Spark, value by value against SQLite. With `--changes 3000000` more of them, `--only <word>` some
 * of it. It says how long each run took, the most memory of a process, and how busy the machine was.
 */
const { values } = parseArgs({ options: { changes: { type: 'string' }, only: { type: 'string' } } });
const changes = Number(values.changes ?? 300_000);
const home = sparkHome();
const failures: string[] = [];

await step('pipelines', async () => {
    for (const one of PIPELINES) {
        const world = await lakeWorld(one);
        await timed(`${one.pipeline}, local[2]`, async () => await transform(world, 'local[2]'));
        await compare(world);
    }
});

await step('values', async () => {
    expectNone('each query of the subset has SQLite’s values', await differentValues(onSpark()));
    for (const world of [await jsonWorld(), await itemWorld(TYPED_INSERTS)]) {
        const words = ['--project', world.project, 'transform', ...sparkWords(world, 'local[2]')];
        await runElt(world, words, { env: { SPARK_HOME: home } });
        await compare(world);
    }
    expectNone('random histories are folded as elt folds them', await differentHistories(onSpark(), 12));
});

await step('news', async () => {
    const [first, ...later] = await sampleParts([1_000, 500, 100]);
    const world = await worldOf(first as string);
    await transform(world, 'local[2]');
    for (const part of later) {
        await land(world, part);
        await timed('the news alone, local[2]', async () => await transform(world, 'local[2]'));
        await compare(world);
    }
    const printed = await runElt(world, ['print', '--engine', 'spark', '--lake', world.lake]);
    expect('the news were folded on the rows of the run before', printed.includes('fold_before_transaction'));
    const parts = readManifest(world.lake, world.pipeline, world.pipeline)?.tables.map(({ parts: all }) => all.length);
    expect('tables had several parts', parts?.every((count) => count >= 3) === true);
    await transform(world, 'local[2]', ['--full']);
    await compare(world);
});

await step('failures', async () => {
    const world = await lakeWorld(PIPELINES[0] as RunPipeline);
    await transform(world, 'local[2]');
    const pointer = pointerOf(world);
    const failing = await elt([...wordsOf(world, failingProject()), 'transform', ...sparkWords(world, 'local[2]')], {
        env: { SPARK_HOME: home },
    });
    expect('a failing data test ends with status 6', failing.status === 6 && failing.stderr.includes('TEST_FAILED'));
    expect('a failing data test publishes nothing', pointerOf(world) === pointer);
    expect('a killed driver ends with status 8', (await killedDriver(world)) === 8);
    expect('a killed driver publishes nothing', pointerOf(world) === pointer);
    expect('nor does it leave a folder', readdirSync(join(world.lake, world.pipeline, 'runs')).length === 1);
});

await step('changes', async () => {
    const world = await mixedWorld();
    for (const master of ['local[2]', 'local-cluster[1,1,1024]', 'local-cluster[2,1,1024]']) {
        await timed(`${changes} mixed changes, ${master}`, async () => await transform(world, master, ['--full']));
        await compare(world);
    }
    const sail = findSail(true);
    if (sail !== undefined) {
        const words = ['transform', '--full', '--engine', 'spark', '--lake', world.lake];
        await timed(
            `${changes} mixed changes, Sail`,
            async () => await runElt(world, [...words, '--spark-sql', sailProgram(sail)]),
        );
        await compare(world);
    }
});

console.log(failures.length === 0 ? 'all equal' : failures.join('\n'));
process.exitCode = failures.length === 0 ? 0 : 1;

async function step(name: string, work: () => Promise<void>): Promise<void> {
    if (values.only === undefined || values.only === name) {
        await work();
    }
}

function expectNone(what: string, different: readonly string[]): void {
    expect(different.length === 0 ? what : `${what}; but:\n${different.join('\n')}`, different.length === 0);
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
    const started = performance.now();
    const { megabytes } = await memoryOf(work);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    console.log(`${what}: ${seconds} s, ${megabytes} MB, load ${loadavg()[0]?.toFixed(1)}`);
}

function expect(what: string, isSo: boolean): void {
    console.log(`${isSo ? 'ok' : 'FAILED'}: ${what}`);
    if (!isSo) {
        failures.push(what);
    }
}

async function transform(world: LakeWorld, master: string, more: readonly string[] = []): Promise<void> {
    await runElt(world, ['transform', ...more, ...sparkWords(world, master)], { env: { SPARK_HOME: home } });
}

function sparkWords({ lake }: LakeWorld, master: string): string[] {
    return ['--engine', 'spark', '--lake', lake, '--spark-conf', ...sparkConf(master)];
}

function wordsOf({ pipeline, file }: LakeWorld, project: string): string[] {
    return ['--project', project, '--pipeline', pipeline, '--db', file];
}

async function compare(world: LakeWorld): Promise<void> {
    let compared = 0;
    for (const [name, rows] of sqliteTables(world.file)) {
        const written = await writtenRows(publishedFolder(world), name);
        compared += rows.length * (rows[0]?.length ?? 0);
        // Row by row: all of them are more than a string can hold.
        const isSame = rows.every((row, at) => JSON.stringify(row) === JSON.stringify(written[at]));
        if (written.length !== rows.length || !isSame) {
            expect(`${world.pipeline}: ${name} is equal (${written.length} of ${rows.length} rows)`, false);
        }
    }
    console.log(`ok: ${world.pipeline}: ${compared} values compared`);
}

function pointerOf({ lake, pipeline }: LakeWorld): string {
    return readFileSync(join(lake, pipeline, 'current.json'), 'utf8');
}

function failingProject(): string {
    const project = workFolder();
    for (const folder of ['sql', 'migrations']) {
        cpSync(join(PROJECT, folder), join(project, folder), { recursive: true });
    }
    const file = join(project, 'sql', 'payments', 'tests', 'metrics__never_any.sql');
    writeFileSync(file, '-- why: it fails\n-- scope: all\n\nselect * from metrics where event_id is not null;\n');
    return project;
}

/** Kills Spark's driver once it has written a table; resolves with the status of `elt`. */
async function killedDriver(world: LakeWorld): Promise<number | null> {
    const words = [...wordsOf(world, PROJECT), 'transform', ...sparkWords(world, 'local[2]')];
    const child = startElt(words, { env: { SPARK_HOME: home } });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    const runs = join(world.lake, world.pipeline, 'runs');
    const [before] = readdirSync(runs);
    const isUnderWay = (): boolean =>
        readdirSync(runs).some((run) => run !== before && existsSync(join(runs, run, 'current_transaction')));
    while (child.exitCode === null && !isUnderWay()) {
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const driver = below(child.pid as number).find((pid) =>
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('java'),
    );
    if (driver !== undefined) {
        process.kill(driver, 'SIGKILL');
    }
    return await ended;
}

async function mixedWorld(): Promise<LakeWorld> {
    const sample = join(workFolder(), 'changes.jsonl');
    // More than a string can hold.
    const child = startElt(['sample', 'payments', '--mix', 'changes', '--records', String(changes)]);
    await pipeline(child.stdout as Readable, createWriteStream(sample));
    return await worldOf(sample);
}

/** Mixed changes in files that continue each other, with so many transactions in each. */
async function sampleParts(sizes: readonly number[]): Promise<readonly string[]> {
    const folder = workFolder();
    const { stdout } = await elt(['sample', 'payments', '--mix', 'changes', '--records', '8000']);
    const transactions = stdout.split(/^(?=\{"action":"B")/m);
    return sizes.map((size, index) => {
        const file = join(folder, `changes-${index}.jsonl`);
        writeFileSync(file, transactions.splice(0, size).join(''));
        return file;
    });
}

async function worldOf(sample: string): Promise<LakeWorld> {
    const folder = workFolder();
    const world: LakeWorld = { pipeline: 'payments', file: join(folder, 'payments.db'), lake: join(folder, 'lake') };
    await land(world, sample);
    return world;
}

/** Runs changes in SQLite, and pushes them. */
async function land(world: LakeWorld, file: string): Promise<void> {
    await runElt(world, ['run', file]);
    await runElt(world, ['lake', 'push', '--to', world.lake]);
}
