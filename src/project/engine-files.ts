import { encodeFileName } from './model-files.ts';
import { readOptionalSqlFile } from './sql-files.ts';

/** The file of a mart or a data test for an engine, as it is shown: `sql/payments/marts/revenue.spark.sql`. */
export function engineFile(pipeline: string, folder: 'marts' | 'tests', name: string, engine: string): string {
    return `sql/${pipeline}/${inPipeline(folder, name, engine)}`;
}

/** Its text; of the first engine that there is one for. Undefined if there is none. */
export function readEngineFile(
    sqlFolder: string,
    pipeline: string,
    folder: 'marts' | 'tests',
    name: string,
    engines: readonly string[],
): string | undefined {
    for (const engine of engines) {
        const found = readOptionalSqlFile(sqlFolder, pipeline, inPipeline(folder, name, engine));
        if (found !== undefined) {
            return found.text;
        }
    }
    return undefined;
}

function inPipeline(folder: string, name: string, engine: string): string {
    return `${folder}/${encodeFileName(name).replace(/\.sql$/, `.${engine}.sql`)}`;
}
