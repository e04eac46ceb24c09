import fc from 'fast-check';
import { sparkDialect } from '../../src/scale/dialects/spark-dialect.ts';
import { foldSql } from '../../src/scale/fold/fold-sql.ts';
import { close, migratedDatabase } from '../support/bench-database.ts';
import { type FoldPlan, foldedBySqlite, foldPlans, historyOf, sorted, sqliteRows, stagedSql } from './fold-world.ts';
import { comparable, inSqlite, QUERIES, tableSql, translated } from './select-world.ts';
import { type SparkProgram, type SparkQuestion, sparkRows } from './spark-rows.ts';

/** What Spark's dialect must answer as SQLite does, on Spark itself and on Sail; each check resolves with what differs. */

/** Every query of the subset, over a table of odd values. */
export async function differentValues(program: SparkProgram, queries = QUERIES): Promise<readonly string[]> {
    const sqlite = inSqlite();
    const questions = queries.map((query): SparkQuestion => {
        const { sql, columns } = translated(query, program.dialect);
        const names = columns.map((_, number) => `c${number}`).join(', ');
        return { statements: [], query: `select *\nfrom (\n${sql}\n) as rows_now (${names})` };
    });
    const [first, ...others] = questions as [SparkQuestion, ...SparkQuestion[]];
    const statements = tableSql(program.dialect);
    const things = 'create or replace temporary view things as select * from asked_0.things';
    const answers = await sparkRows(program, [
        { ...first, statements },
        ...others.map((one, number) => (number === 0 ? { ...one, statements: [things] } : one)),
    ]);
    return queries.flatMap((query, number) => {
        const [wanted, got] = [sqlite(query), comparable(answers[number] ?? [])].map((rows) => JSON.stringify(rows));
        return got === wanted ? [] : [`${query}\n  ${got}\n  instead of ${wanted}`];
    });
}

/** Random histories, each folded as a whole, and in two parts of which the second begins at the rows of the first. */
export async function differentHistories(program: SparkProgram, numRuns: number): Promise<readonly string[]> {
    const plans = fc.sample(fc.tuple(foldPlans, fc.integer({ min: 0, max: 100 })), { numRuns, seed: SEED });
    const worlds = await Promise.all(plans.map(([plan, part]) => worldOf(plan, part)));
    const answers = await sparkRows(
        program,
        worlds.flatMap(({ questions }) => questions),
    );
    return worlds.flatMap(({ expected }, number) =>
        ['as a whole', 'in two parts'].flatMap((how, at) => {
            const got = JSON.stringify(sorted(answers[number * 2 + at] ?? []));
            return got === expected ? [] : [`history ${number} ${how}: ${got}\n  instead of ${expected}`];
        }),
    );
}

const SEED = 20_260_101;

interface HistoryWorld {
    readonly questions: readonly [whole: SparkQuestion, inTwo: SparkQuestion];
    readonly expected: string;
}

async function worldOf(plan: FoldPlan, part: number): Promise<HistoryWorld> {
    const database = await migratedDatabase('payments');
    try {
        const spec = await foldedBySqlite(database, plan);
        const history = historyOf(database, spec);
        const staged = stagedSql(database, sparkDialect, spec);
        const whole = foldSql(history, sparkDialect);
        const watermark = Math.floor((history.whole * part) / 100);
        const first = foldSql({ ...historyOf(database, spec, 0, watermark), tail: 'first' }, sparkDialect);
        const before = { rows: 'rows_before', watermark };
        const later = foldSql({ ...historyOf(database, spec, watermark), before }, sparkDialect);
        const steps = [...first.steps, sparkDialect.keep('rows_before', first.rows), ...later.steps];
        return {
            questions: [
                { statements: [...staged, ...whole.steps], query: whole.rows },
                { statements: [...staged, ...steps], query: later.rows },
            ],
            expected: JSON.stringify(sqliteRows(database, spec)),
        };
    } finally {
        close(database);
    }
}
