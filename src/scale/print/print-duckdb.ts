import { quoteText } from '../../sql/quote.ts';
import { duckdbDialect } from '../dialects/duckdb-dialect.ts';
import type { EnginePlan } from '../plan/engine-plan.ts';
import type { LakeSupply } from '../supply/lake-supply.ts';
import { currentTable, martTables } from './lake-tables.ts';
import { publishedTables, runTests, upkeepViews } from './run-parts.ts';

const dialect = duckdbDialect;

/**
 * The whole run for `duckdb FILE -f`, from the Parquet files of a lake, in one transaction. The results are tables of a
 * schema that is called like the pipeline.
 */
export function* printDuckdb(
    pipeline: string,
    plan: EnginePlan,
    supply: LakeSupply,
    hops: number,
): Generator<string, void> {
    yield `-- Run with: duckdb FILE -bail -f this.sql\nset timezone = 'UTC';\nbegin;\n${refuseNamesake(pipeline)};\n\n`;
    yield plan.waiting.map((one) => `-- left out: ${one}\n`).join('');
    for (const relation of plan.staged) {
        yield* supply.views(relation).map((sql) => `${sql};\n\n`);
    }
    for (const spec of plan.currents) {
        const { steps, name, select } = currentTable(spec, supply, dialect, hops);
        yield* [...steps, dialect.keep(name, select)].map((sql) => `${sql};\n\n`);
    }
    for (const { name, file, select } of martTables(plan)) {
        yield `-- ${file}\n${dialect.keep(name, select)};\n\n`;
    }
    yield* upkeepViews(plan, dialect).map((sql) => `${sql};\n\n`);
    yield* runTests(plan, dialect).map(({ name, statement }) => `-- ${name}\n${statement};\n\n`);
    yield* publishedTables(pipeline, plan, dialect, 'temp');
    yield 'commit;\n';
}

/** In `payments.duckdb` the name `payments` is the whole file's: nobody could name a table of the schema by it. */
function refuseNamesake(pipeline: string): string {
    const message = `the results are a schema "${pipeline}", so the file cannot be called ${pipeline}.duckdb: give it another name`;
    return `select case when lower(current_database()) = lower(${quoteText(pipeline)}) then error(${quoteText(message)}) end`;
}
