import type { Dialect } from '../dialects/dialect.ts';
import type { EnginePlan } from '../plan/engine-plan.ts';
import type { LakeSupply } from '../supply/lake-supply.ts';
import { currentTable, martTables } from './lake-tables.ts';
import { runTests, upkeepViews } from './run-parts.ts';

/** The folder in which a run says that it came to its end. */
export const DONE = '_published';

/** A statement of a run, with what it is for: shown while it runs. */
export interface RunStatement {
    readonly sql: string;
    /** `current_transaction`, a data test, … */
    readonly of: string;
}

/** Where a run writes. */
export interface RunPlace {
    /** The address of the run's folder as the engine writes it: `/mnt/lake/payments/runs/<run>`. */
    readonly folder: string;
    readonly run: string;
    /** What a run that came to its end says of itself. */
    readonly done: string;
}

/**
 * The whole run on Spark (and Sail), from the Parquet files of a lake, statement by statement. Steps and results are
 * tables of a database of the run, which goes at the end; the results lie in folders of their own and stay. Nothing that
 * readers see is touched: they follow the pointer of the lake, which is moved afterwards.
 */
export function* sparkStatements(
    plan: EnginePlan,
    supply: LakeSupply,
    dialect: Dialect,
    { folder, run, done }: RunPlace,
    hops: number,
): Generator<RunStatement, void> {
    const own = dialect.name(`elt_${run.replace(/\W/g, '_').toLowerCase()}`);
    const place = (name: string): string => dialect.text(`${folder}/${name}`);
    yield* (dialect.engine === 'spark' ? SPARK_SETTINGS : []).map((sql) => ({ sql, of: 'settings' }));
    yield { sql: `create database ${own} location ${place('_steps')}`, of: 'settings' };
    yield { sql: `use database ${own}`, of: 'settings' };
    for (const relation of plan.staged) {
        yield* supply.views(relation).map((sql) => ({ sql, of: `stg_${relation.tail}` }));
    }
    const result = (name: string, select: string): string =>
        `create table ${dialect.name(name)} using parquet location ${place(name)} as\n${select}`;
    for (const spec of plan.currents) {
        const { steps, name, select } = currentTable(spec, supply, dialect, hops);
        yield* [...steps, result(name, select)].map((sql) => ({ sql, of: name }));
    }
    for (const { name, select } of martTables(plan)) {
        yield { sql: result(name, select), of: name };
    }
    yield* upkeepViews(plan, dialect).map((sql) => ({ sql, of: 'data tests' }));
    yield* runTests(plan, dialect).map(({ name, statement }) => ({ sql: statement, of: name }));
    const marker = `insert overwrite directory ${place(DONE)} using json select ${dialect.text(done)} as done`;
    yield { sql: marker, of: 'published' };
    yield { sql: `drop database ${own} cascade`, of: 'published' };
}

/** What decides over values, whatever the cluster's defaults are (Sail has no such statements, and these defaults); and that `\${…}` in a text is a text. */
export const SPARK_SETTINGS: readonly string[] = [
    'set spark.sql.variable.substitute = false',
    'set spark.sql.session.timeZone = UTC',
    'set spark.sql.ansi.enabled = true',
    'set spark.sql.caseSensitive = false',
    'set spark.sql.parser.escapedStringLiterals = false',
];
