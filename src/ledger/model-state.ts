import type { Database } from '../sqlite/database.ts';
import { prepared } from '../sqlite/kept-statements.ts';
import { saveRow } from './write-row.ts';

/** A row of `elt_watermarks`. */
export interface Watermark {
    readonly model: string;
    readonly watermark: number;
    readonly previous: number;
    readonly taken_tick: number;
    readonly recording: number;
    readonly rowless: number;
    readonly rowless_seq: number | null;
}

/** A row of `elt_models`: what the last run did with a file. */
export interface ModelState {
    readonly model: string;
    readonly file: string;
    readonly text_hash: string;
    readonly sql_hash: string | null;
    readonly scaffolded: number;
    readonly generated_sql: string | null;
    readonly taken_seq: number;
    readonly taken_tick: number;
    readonly last_run_at: string;
    readonly milliseconds: number;
    readonly inserted: number;
    readonly updated: number;
    readonly deleted: number;
    readonly unchanged: number;
}

export function readWatermarks(database: Database): ReadonlyMap<string, Watermark> {
    const rows = prepared(database, 'select * from elt_watermarks').all() as Watermark[];
    return new Map(rows.map((row) => [row.model, row]));
}

export function readModelStates(database: Database): ReadonlyMap<string, ModelState> {
    const rows = prepared(database, 'select * from elt_models').all() as ModelState[];
    return new Map(rows.map((row) => [row.model, row]));
}

/** Changes that the model furthest behind has not taken in; all landed changes if no model has run. */
export function changesBehind(database: Database): number {
    return database
        .prepare('select whole_seq - (select coalesce(min(watermark), 0) from elt_watermarks) from elt_stream')
        .pluck()
        .get() as number;
}

/** Whether a model has ever taken something in. */
export function isAnyFilled(database: Database): boolean {
    return prepared(database, 'select 1 from elt_watermarks where watermark > 0').get() !== undefined;
}

/** The clock of models' runs. */
export function clockTick(database: Database): number {
    return prepared(database, 'select tick from elt_clock').pluck().get() as number;
}

export function saveModelState(database: Database, state: ModelState): void {
    saveRow(database, 'elt_models', ['model'], { ...state });
}

/** The SQL after which a model's next run fills it from scratch; also part of `elt transform --print`. */
export const RESET_WATERMARK = 'update elt_watermarks set watermark = 0 where watermark > 0 and model =';

export function readOrder(database: Database, hash: string): string | undefined {
    return database.prepare('select plan from elt_order where hash = ?').pluck().get(hash) as string | undefined;
}

/** What each model read when the order was last worked out; undefined if it never was. */
export function readModelReads(database: Database): ReadonlyMap<string, readonly string[]> | undefined {
    const plan = database.prepare('select plan from elt_order').pluck().get() as string | undefined;
    if (plan === undefined) {
        return undefined;
    }
    const { order } = JSON.parse(plan) as {
        readonly order: readonly { readonly model: string; readonly reads: readonly string[] }[];
    };
    return new Map(order.map(({ model, reads }) => [model, reads]));
}

export function saveOrder(database: Database, hash: string, plan: string): void {
    saveRow(database, 'elt_order', ['only_row'], { only_row: 1, hash, plan });
}

/** The staging tables as they are declared now, and the names of all applied migrations: the order of models depends on them. */
export function schemaFacts(database: Database): readonly string[] {
    return database
        .prepare(
            `select sql from sqlite_schema join elt_relations on staging_table = name
            union all select name from elt_migrations
            order by 1`,
        )
        .pluck()
        .all() as string[];
}
