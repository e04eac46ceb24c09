import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { change, transaction } from '../lake/pushed.ts';
import { DuckDb } from '../support/duckdb.ts';
import { elt, workFolder } from '../support/elt.ts';
import { sorted } from './fold-world.ts';
import { type RunPipeline, runInSqlite } from './pipelines.ts';

/** A pipeline that has run in SQLite and was pushed to a lake. */
export interface LakeWorld {
    readonly pipeline: string;
    readonly file: string;
    readonly lake: string;
}

export async function lakeWorld(one: RunPipeline): Promise<LakeWorld> {
    const file = await runInSqlite(one);
    const lake = workFolder();
    await runElt({ pipeline: one.pipeline, file }, ['lake', 'push', '--to', lake]);
    return { pipeline: one.pipeline, file, lake };
}

export interface ItemWorld extends LakeWorld {
    readonly project: string;
}

const id = (value: number) => ({ name: 'id', type: 'bigint', value });
const count = (value: number) => ({ name: 'count', type: 'integer', value });

/** An item, which then gets another key so many times while updates leave its text out. */
export function movedItem(times: number): readonly string[] {
    const moves = Array.from({ length: times }, (_, at) => change('U', [id(at + 2), count(at + 2)], [id(at + 1)]));
    return [change('I', [id(1), { name: 'label', type: 'text', value: 'x' }, count(1)]), ...moves];
}

export function deletedItem(key: number): string {
    return change('D', [], [id(key)]);
}

/** A lake of a pipeline with the current table `item`, and files below `sql/shop`. */
export async function itemWorld(
    changes: readonly string[],
    files: Readonly<Record<string, string>> = {},
): Promise<ItemWorld> {
    const project = workFolder();
    for (const [name, text] of Object.entries({ 'marts/.keep': '', ...files })) {
        mkdirSync(dirname(join(project, 'sql', 'shop', name)), { recursive: true });
        writeFileSync(join(project, 'sql', 'shop', name), text);
    }
    mkdirSync(join(project, 'migrations', 'shop'), { recursive: true });
    const world = { project, pipeline: 'shop', file: join(project, 'shop.db'), lake: join(project, 'lake') };
    const lines = join(project, 'changes.jsonl');
    writeFileSync(lines, changes.map((one) => transaction(one)).join(''));
    for (const words of [['migrate'], ['load', lines], ['scaffold', '--all'], ['transform']]) {
        await runElt(world, ['--project', project, ...words]);
    }
    await runElt(world, ['--project', project, 'lake', 'push', '--to', world.lake]);
    return world;
}

/** Runs `elt`, which must end well; resolves with what it printed. */
export async function runElt(
    { pipeline, file }: Pick<LakeWorld, 'pipeline' | 'file'>,
    words: readonly string[],
    options: Parameters<typeof elt>[1] = {},
): Promise<string> {
    const ran = await elt(['--pipeline', pipeline, '--db', file, ...words], options);
    if (ran.status !== 0) {
        throw new Error(`elt ${words.join(' ')} ended with ${ran.status}: ${ran.stderr}`);
    }
    return ran.stdout;
}

/** The rows of a table that a run has written into its folder. */
export async function writtenRows(folder: string, table: string): Promise<(string | null)[][]> {
    const engine = await DuckDb.open();
    try {
        return sorted(
            await engine.rows(
                `select columns(c -> not starts_with(c, '_json_')) from read_parquet('${join(folder, table)}/**/*.parquet')`,
            ),
        );
    } finally {
        engine.close();
    }
}

/** The folder of the run that readers see. */
export function publishedFolder({ lake, pipeline }: LakeWorld): string {
    const { run } = JSON.parse(readFileSync(join(lake, pipeline, 'current.json'), 'utf8')) as { readonly run: string };
    return join(lake, pipeline, 'runs', run);
}
