import { resolve } from 'node:path';
import { shellWord } from '../core/shell-word.ts';
import { readManifests } from '../lake/manifest.ts';
import { type BegunRun, beginRun, type RunTable, readCurrent } from '../lake/published-runs.ts';
import { engineFile, readEngineFile } from '../project/engine-files.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import type { Database } from '../sqlite/database.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import type { Dialect, Engine } from './dialects/dialect.ts';
import { duckdbDialect } from './dialects/duckdb-dialect.ts';
import { duckdbReader } from './dialects/duckdb-reader.ts';
import type { LakeReader } from './dialects/lake-reader.ts';
import { postgresDialect } from './dialects/postgres-dialect.ts';
import { sailDialect } from './dialects/sail-dialect.ts';
import { sparkDialect } from './dialects/spark-dialect.ts';
import { sparkReader } from './dialects/spark-reader.ts';
import { type EnginePlan, planForEngine } from './plan/engine-plan.ts';
import { type QueryFiles, READS_FILES_OF } from './plan/engine-queries.ts';
import { type JsonColumns, storedType } from './plan/engine-tables.ts';
import { printDuckdb } from './print/print-duckdb.ts';
import { AskedJson, printPostgres } from './print/print-postgres.ts';
import { type RunStatement, sparkStatements } from './print/print-spark.ts';
import { printedSpark } from './print/printed-spark.ts';
import { currentName } from './print/run-parts.ts';
import type { DoneRun } from './run/printed-run.ts';
import { type EarlierRun, LakeSupply, storedAs } from './supply/lake-supply.ts';

/** Which pipeline is run, and where its files lie. */
export interface EngineProject {
    readonly sqlFolder: string;
    readonly pipeline: string;
    readonly files: ProjectFiles;
}

/** What a run on a lake is. */
export interface LakeRun {
    readonly lake: string;
    /** A row may get another key so often, as a power of 2, while updates leave columns out. */
    readonly hops: number;
    /** Folds all that the lake holds, also where the tables of the last run could be folded on. */
    readonly isFull: boolean;
}

/** The whole run on DuckDB, from the files of a lake. Call it through `withGenerator`. */
export function printForDuckdb(database: Database, project: EngineProject, { lake, hops }: LakeRun): Iterable<string> {
    const { plan, supply } = planOnLake(database, project, lake, duckdbDialect, duckdbReader);
    return printDuckdb(project.pipeline, plan, supply, hops);
}

/** The whole run on Spark or Sail, as `spark-sql -f` runs it. The results lie in the folder of a run that is not published. */
export function printForSpark(
    database: Database,
    project: EngineProject,
    engine: 'spark' | 'sail',
    { lake, hops, isFull }: LakeRun,
): Iterable<string> {
    const begun = beginRun(resolve(lake), project.pipeline);
    const { statements, waiting } = sparkRun(database, project, engine, begun, { hops, isFull });
    return printedSpark(statements, `${begun.run} --to ${shellWord(resolve(lake))}`, waiting);
}

export interface SparkRun {
    readonly statements: readonly RunStatement[];
    readonly tables: readonly RunTable[];
    readonly wholeSeq: Readonly<Record<string, number>>;
    /** Models that cannot run yet. */
    readonly waiting: readonly string[];
}

/** The statements of a run on Spark or Sail, and the tables that it writes. Call it through `withGenerator`. */
export function sparkRun(
    database: Database,
    project: EngineProject,
    engine: 'spark' | 'sail',
    { lake, folder, run, before }: BegunRun,
    { hops, isFull }: Omit<LakeRun, 'lake'>,
): SparkRun {
    const dialect = engine === 'spark' ? sparkDialect : sailDialect;
    const earlier = isFull ? undefined : readCurrent(lake, project.pipeline);
    const { plan, supply } = planOnLake(database, project, lake, dialect, sparkReader, earlier);
    const [tables, { wholeSeq }] = [publishedBy(plan, supply), supply];
    const done: DoneRun = { engine, wholeSeq, tables, before };
    return {
        statements: [...sparkStatements(plan, supply, dialect, { folder, run, done: JSON.stringify(done) }, hops)],
        tables,
        wholeSeq,
        waiting: plan.waiting,
    };
}

function publishedBy(plan: EnginePlan, supply: LakeSupply): readonly RunTable[] {
    return [
        ...plan.currents.map((spec) => ({
            table: currentName(spec),
            kind: 'current' as const,
            columns: supply.columnsOf(spec).map(({ name, type }) => ({ name, sqliteType: storedAs(type) })),
        })),
        ...plan.marts.map(({ name, columns }) => ({
            table: name,
            kind: 'mart' as const,
            columns: columns.map((column) => ({ name: column.name, sqliteType: storedType(column.type) })),
        })),
    ];
}

function planOnLake(
    database: Database,
    project: EngineProject,
    lake: string,
    dialect: Dialect,
    reader: LakeReader,
    earlier?: EarlierRun,
): { readonly plan: EnginePlan; readonly supply: LakeSupply } {
    const supply = new LakeSupply(resolve(lake), readManifests(lake, project.pipeline), dialect, reader, earlier);
    return { supply, plan: planOf(database, project, dialect, supply.json) };
}

/** The whole run on PostgreSQL as `psql -f` runs it, with the staged rows. Call it through `withGenerator`. */
export function printForPostgres(database: Database, project: EngineProject, hops: number): Iterable<string> {
    const json = new AskedJson();
    const plan = planOf(database, project, postgresDialect, json.columns);
    return printPostgres(database, project.pipeline, plan, json, hops);
}

export function planOf(database: Database, project: EngineProject, dialect: Dialect, json: JsonColumns): EnginePlan {
    const { planned } = planTransform(database, project.files, { select: [], rebuild: false });
    const queries = queryFiles(project, dialect.engine);
    return planForEngine({ database, files: project.files, planned, dialect, json, queries });
}

function queryFiles({ sqlFolder, pipeline }: EngineProject, engine: Engine): QueryFiles {
    return {
        read: (folder, name) => readEngineFile(sqlFolder, pipeline, folder, name, READS_FILES_OF[engine]),
        nameOf: (folder, name) => engineFile(pipeline, folder, name, READS_FILES_OF[engine].at(-1) ?? engine),
    };
}
