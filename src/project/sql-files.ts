import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { textWithin } from '../process/within-folder.ts';

/** A SQL file of a pipeline. */
interface SqlFile {
    /** Its name as it is shown, `sql/payments/marts/metrics.sql`. */
    readonly file: string;
    /** Line ends are LF. */
    readonly text: string;
}

/** How the names of files of cases end: `tests/<mart>.case.sql`. */
export const CASE_ENDING = '.case.sql';

/** Files of marts and data tests for an engine other than SQLite: `marts/revenue.spark.sql`. */
export function isForEngine(name: string): boolean {
    return /\.(?:spark|sail|postgres|duckdb)\.sql$/.test(name);
}

/** Names of the SQL files in a folder, in order; none if the folder does not exist. */
export function sqlFileNames(folder: string): readonly string[] {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.filter((name) => name.endsWith('.sql') && !name.startsWith('.')).sort();
}

/** Reads the file `name`, such as `marts/metrics.sql`, of a pipeline. @throws EltError PROJECT_LINK */
export function readSqlFile(sqlFolder: string, pipeline: string, name: string): SqlFile {
    return {
        file: `sql/${pipeline}/${name}`,
        text: textWithin(dirname(sqlFolder), join(sqlFolder, pipeline, name)),
    };
}

/** The same for a file that may not exist. */
export function readOptionalSqlFile(sqlFolder: string, pipeline: string, name: string): SqlFile | undefined {
    return existsSync(join(sqlFolder, pipeline, name)) ? readSqlFile(sqlFolder, pipeline, name) : undefined;
}
