import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dialect } from '../../src/scale/dialects/dialect.ts';
import { sailDialect } from '../../src/scale/dialects/sail-dialect.ts';
import { sparkDialect } from '../../src/scale/dialects/spark-dialect.ts';
import { SPARK_SETTINGS } from '../../src/scale/print/print-spark.ts';
import { DuckDb } from '../support/duckdb.ts';
import { runProgram, workFolder } from '../support/elt.ts';
import { findSail, sailProgram } from '../support/sail.ts';
import { sparkConf, sparkHome } from '../support/spark.ts';

/** Where SQL of Spark's dialect runs: a program with the words of `spark-sql`. */
export interface SparkProgram {
    readonly dialect: Dialect;
    readonly program: string;
    readonly words: readonly string[];
}

/** What is asked of an engine in a database of its own: statements, then one query whose columns have names. */
export interface SparkQuestion {
    readonly statements: readonly string[];
    readonly query: string;
}

export function onSail(python = findSail()): SparkProgram | undefined {
    return python === undefined ? undefined : { dialect: sailDialect, program: sailProgram(python), words: [] };
}

export function onSpark(): SparkProgram {
    const words = sparkConf('local[2]').flatMap((one) => ['--conf', one]);
    const conf = ['--conf', 'spark.sql.catalogImplementation=in-memory'];
    return { dialect: sparkDialect, program: join(sparkHome(), 'bin', 'spark-sql'), words: [...words, ...conf] };
}

/** Asks all questions in one session; resolves with the rows of each, every value as text. */
export async function sparkRows(
    { program, words }: SparkProgram,
    questions: readonly SparkQuestion[],
): Promise<readonly (string | null)[][][]> {
    const folder = workFolder();
    const place = (number: number, name: string): string => join(folder, `${name}${number}`);
    const script = questions.flatMap(({ statements, query }, number) => [
        `create database asked_${number} location '${place(number, 'database')}'`,
        `use database asked_${number}`,
        ...statements,
        `create table answer using parquet location '${place(number, 'answer')}' as\n${query}`,
    ]);
    mkdirSync(join(folder, 'cwd'));
    const file = join(folder, 'questions.sql');
    writeFileSync(file, [...SPARK_SETTINGS, ...script].map((sql) => `${sql};\n`).join(''));
    const ran = await runProgram(program, [...words, '-f', file], { cwd: join(folder, 'cwd') });
    if (ran.status !== 0) {
        throw new Error(`${program} ended with ${ran.status}: ${ran.stderr.slice(-8_000)}`);
    }
    const engine = await DuckDb.open();
    try {
        const rows: (string | null)[][][] = [];
        for (const number of questions.keys()) {
            const answer = place(number, 'answer');
            // Sail writes nothing where there are no rows.
            const isThere = existsSync(answer);
            rows.push(isThere ? await engine.rows(`select * from read_parquet('${answer}/**/*.parquet')`) : []);
        }
        return rows;
    } finally {
        engine.close();
    }
}
