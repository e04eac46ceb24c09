import { EltError } from '../../src/core/errors.ts';
import type { ProjectFiles } from '../../src/project/model-files.ts';
import { quoteName } from '../../src/sql/quote.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { close, load, migratedDatabase, projectFiles, runByHand, runTransform } from '../support/bench-database.ts';
import { type HistoryPlan, historyLines, type Step } from '../support/history.ts';
import { type PaymentsShape, paymentsMetrics } from '../support/payments-model.ts';
import type { ModelTable, PostgresModel } from '../support/postgres-model.ts';

/**
 * Follows one history with the SQL of a project: pieces, runs, files run by hand, a rebuild, and the whole stream a
 * second time without its positions. Returns what gives the SQL away: the first difference from the model of
 * PostgreSQL, or the error; null if all is well.
 */
export async function followHistory(project: string, plan: HistoryPlan, shape: PaymentsShape): Promise<string | null> {
    const database = await migratedDatabase(shape.pipeline, ':memory:', project);
    try {
        await follow(database, projectFiles(shape.pipeline, project), plan, shape);
        if (plan.withStops === true) {
            await expectStops(project, shape);
            await expectCounts(project, shape);
        }
        return null;
    } catch (error) {
        if (error instanceof Difference) {
            return error.message;
        }
        return error instanceof EltError ? `${error.code}: ${error.message}` : `by hand: ${String(error)}`;
    } finally {
        close(database);
    }
}

/** A table is not what it should be. */
class Difference extends Error {}

async function follow(database: Database, files: ProjectFiles, plan: HistoryPlan, shape: PaymentsShape): Promise<void> {
    // Another mart that has never run, as a project may have one: nothing of it concerns this one.
    database.exec("insert into elt_watermarks (model) values ('a_mart_of_tomorrow')");
    const { lines, modelAfter } = historyLines(shape.tables, plan);
    let landed = 0;
    const land = async (count: number): Promise<void> => {
        const piece = lines.slice(landed, landed + count);
        landed += piece.length;
        if (piece.length > 0) {
            await load(database, `${piece.join('\n')}\n`, { asNew: true });
        }
        // One change that comes a second time at once is the same change.
        if (isOneChange(piece)) {
            await load(database, `${piece.map(withoutPosition).join('\n')}\n`, { asNew: true });
        }
    };
    const run = async (when: string, rebuild = false): Promise<void> => {
        const { models } = await runTransform(database, files, { rebuild });
        const waiting = models.filter(({ action }) => action === 'waiting').map(({ model }) => model);
        if (landed === lines.length && waiting.length > 0) {
            throw new Difference(`${waiting[0]} waits for ever`);
        }
        compare(database, modelAfter(landed), waiting, when, shape);
    };
    for (const step of plan.steps) {
        if (step.kind === 'land') {
            await land(step.lines);
        } else if (step.kind === 'transform') {
            await run('a run');
        } else {
            byHand(database, files, step);
        }
    }
    await land(lines.length);
    await run('a run');
    await run('a rebuild', true);
    await expectNothingToDo(database, files);
    fillByHand(database, files);
    compare(database, modelAfter(landed), [], 'a fill by hand', shape);
    await load(database, `${lines.map(withoutPosition).join('\n')}\n`, { asNew: true });
    await run('a second delivery');
}

/** What a fold by one key cannot find a row by: by hand, since a run would follow the key, or not begin. */
const STOPS: Readonly<Record<string, (database: Database, token: PaymentsShape['token']) => Promise<unknown>>> = {
    'another key': async (database, token) => await load(database, deleteBy(token, 'vault_data', 'jsonb')),
    'another type': async (database, token) => await load(database, deleteBy(token, token.key, 'bytea', '6b30')),
    // As a stream gives it that never says what the key is.
    'no key at all': async (database, token) => {
        await load(database, deleteBy(token, 'vault_data', 'jsonb'));
        database.exec('delete from elt_keys');
    },
};

async function expectStops(project: string, { pipeline, tables, token }: PaymentsShape): Promise<void> {
    for (const [name, change] of Object.entries(STOPS)) {
        const database = await migratedDatabase(pipeline, ':memory:', project);
        try {
            const { lines } = historyLines(tables, { transactions: [], steps: [] });
            await load(database, `${lines.join('\n')}\n${deleteBy(token, token.key, 'uuid')}`);
            const files = projectFiles(pipeline, project);
            await runTransform(database, files);
            await change(database, token);
            const model = files.models.find(
                (one) => one.name === `current_${token.table}`,
            ) as ProjectFiles['models'][number];
            const message = errorOf(() => runByHand(database, model.text));
            if (!message.includes(`the stream does not name rows by ${token.key}`)) {
                throw new Difference(`rows named by ${name} are folded: ${message}`);
            }
        } finally {
            close(database);
        }
    }
}

/** Changes that name a row which never came are counted for each table, and no others; a truncate ends that. */
async function expectCounts(project: string, { pipeline, tables }: PaymentsShape): Promise<void> {
    const database = await migratedDatabase(pipeline, ':memory:', project);
    const files = projectFiles(pipeline, project);
    const { lines } = historyLines(tables, { transactions: [], steps: [] });
    const counted = async (changes: readonly object[], wanted: number): Promise<unknown> => {
        await load(database, `${changes.map((one) => JSON.stringify(one)).join('\n')}\n`, { asNew: true });
        await runTransform(database, files);
        const counts = database
            .prepare("select model, iif(model glob 'current_*', ?, 0), rowless, rowless_seq from elt_watermarks")
            .raw()
            .all(wanted) as [string, number, number, number | null][];
        for (const [model, expected, rowless, seq] of counts) {
            if (rowless !== expected || (seq === null) !== (rowless === 0)) {
                throw new Difference(`${model} counts ${rowless} rows that never came, not ${expected}`);
            }
        }
        return counts.map(([model, , , seq]) => [model, seq]);
    };
    try {
        await load(database, `${lines.join('\n')}\n`);
        await runTransform(database, files);
        const first = await counted(tables.flatMap(neverCame), 2);
        // The row that an update brought is there now.
        const second = await counted(tables.flatMap(neverCame), 3);
        if (JSON.stringify(first) !== JSON.stringify(second)) {
            throw new Difference('the first change of a row that never came is another one');
        }
        await counted(
            tables.map((table) => deleted(table, 'never-1')),
            3,
        );
        const truncates = tables.map(({ name }) => ({ action: 'T', schema: 'public', table: name }));
        await counted(truncates, 0);
    } finally {
        close(database);
    }
}

/** An update and a delete of rows that never came. */
function neverCame(table: ModelTable): readonly object[] {
    const { name, key, columns } = table;
    const row = (value: string): object[] =>
        columns.map((column) => ({
            name: column.name,
            type: column.type,
            value: key.includes(column.name) ? value : (column.pool[0] ?? null),
        }));
    const pk = key.map((column) => ({ name: column, type: 'uuid' }));
    const [identity] = row('never-1');
    return [
        { schema: 'public', table: name, pk, action: 'U', columns: row('never-1'), identity: [identity] },
        deleted(table, 'never-2'),
    ];
}

function deleted({ name: table, key }: ModelTable, value: string): object {
    const [column = ''] = key;
    const named = { name: column, type: 'uuid' };
    return { action: 'D', schema: 'public', table, pk: [named], identity: [{ ...named, value }] };
}

function errorOf(work: () => void): string {
    try {
        work();
        return 'no error';
    } catch (error) {
        return String(error);
    }
}

function deleteBy({ table }: PaymentsShape['token'], name: string, type: string, value = 'k0'): string {
    const identity = [{ name, type, value }];
    return `${JSON.stringify({ action: 'D', schema: 'public', table, identity })}\n`;
}

/** A person's run of one file; one whose tables are not there yet fails, and changes nothing. */
function byHand(database: Database, files: ProjectFiles, step: Step & { readonly file: number }): void {
    try {
        runByHand(database, (files.models[step.file % files.models.length] as ProjectFiles['models'][number]).text);
    } catch (error) {
        if (!/no such (table|column)/.test(String(error))) {
            throw error;
        }
    }
}

/** What is up to date is known to be, and another model's watermark was left alone. */
async function expectNothingToDo(database: Database, files: ProjectFiles): Promise<void> {
    const busy = (await runTransform(database, files)).models.find(
        ({ action }) => action === 'full' || action === 'incremental',
    );
    if (busy !== undefined) {
        throw new Difference(`${busy.model} is run again though nothing is new`);
    }
    const watermark = database.prepare("select watermark from elt_watermarks where model = 'a_mart_of_tomorrow'");
    if (watermark.pluck().get() !== 0) {
        throw new Difference("another model's watermark was moved");
    }
}

/** The mart is filled again by a person who runs its file with the watermark at 0. */
function fillByHand(database: Database, files: ProjectFiles): void {
    const mart = files.models.find(({ name }) => name === 'metrics') as ProjectFiles['models'][number];
    database.exec("update elt_watermarks set watermark = 0 where model = 'metrics'");
    runByHand(database, mart.text);
}

function compare(
    database: Database,
    model: PostgresModel,
    waiting: readonly string[],
    when: string,
    shape: PaymentsShape,
): void {
    const wanted = [
        ...shape.tables.map(({ name, columns }) => ({
            table: `current_${name}`,
            columns: columns.map((column) => quoteName(column.name)).join(', '),
            rows: model.table(name).map((row) => columns.map((column) => row[column.name])) as unknown[],
        })),
        { table: 'metrics', columns: '*', rows: paymentsMetrics(model, shape) },
    ];
    for (const { table, columns, rows } of wanted.filter((one) => !waiting.includes(one.table))) {
        const held = sorted(hasTable(database, table) ? rowsOf(database, table, columns) : []);
        if (held !== sorted(rows)) {
            throw new Difference(`${table} differs from the model after ${when}`);
        }
    }
}

function hasTable(database: Database, table: string): boolean {
    return database.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(table) !== undefined;
}

function rowsOf(database: Database, table: string, columns: string): readonly unknown[] {
    return database
        .prepare(`select ${columns} from ${quoteName(table)}`)
        .raw()
        .all();
}

function sorted(rows: readonly unknown[]): string {
    return rows
        .map((row) => JSON.stringify(row))
        .sort()
        .join('\n');
}

/** A whole transaction of one change. */
function isOneChange(piece: readonly string[]): boolean {
    return piece.length === 3 && actionOf(piece[0]) === 'B' && actionOf(piece[2]) === 'C';
}

function actionOf(line = '{}'): unknown {
    return (JSON.parse(line) as { action?: string }).action;
}

/** The same change as a stream without positions has it: it is landed a second time. */
function withoutPosition(line: string): string {
    const { lsn: _lsn, nextlsn: _nextlsn, xid: _xid, ...rest } = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify(rest);
}
