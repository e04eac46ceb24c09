import { engineFile, readEngineFile } from '../project/engine-files.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import type { Database } from '../sqlite/database.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import type { Dialect, Engine } from './dialects/dialect.ts';
import { postgresDialect } from './dialects/postgres-dialect.ts';
import { type EnginePlan, planForEngine } from './plan/engine-plan.ts';
import { type QueryFiles, READS_FILES_OF } from './plan/engine-queries.ts';
import type { JsonColumns } from './plan/engine-tables.ts';
import { AskedJson, printPostgres } from './print/print-postgres.ts';

/** Which pipeline is run, and where its files lie. */
export interface EngineProject {
    readonly sqlFolder: string;
    readonly pipeline: string;
    readonly files: ProjectFiles;
}

/** The whole run on PostgreSQL as `psql -f` runs it, with the staged rows. Call it through `withGenerator`. */
export function printForPostgres(database: Database, project: EngineProject): Iterable<string> {
    const json = new AskedJson();
    const plan = planOf(database, project, postgresDialect, json.columns);
    return printPostgres(database, project.pipeline, plan, json);
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
