import type { Database } from '../../sqlite/database.ts';
import { postgresDialect } from '../dialects/postgres-dialect.ts';
import { foldSql } from '../fold/fold-sql.ts';
import type { EnginePlan } from '../plan/engine-plan.ts';
import type { JsonColumns } from '../plan/engine-tables.ts';
import { copyStaged, type JsonValue } from './copy-staged.ts';
import { factsOfStaging } from './facts-of-staging.ts';
import { currentName, publishedTables, runTests, upkeepViews } from './run-parts.ts';

const dialect = postgresDialect;

/** Values out of JSON that marts ask for while they are translated: each gets a column beside its document. */
export class AskedJson {
    readonly #byTable = new Map<string, JsonValue[]>();

    readonly columns: JsonColumns = (staging, column, path) => {
        const known = this.#byTable.get(staging) ?? [];
        this.#byTable.set(staging, known);
        const found = known.find((one) => one.column === column && one.path === path);
        const value = found ?? { name: `_json_${known.length + 1}`, column, path };
        if (found === undefined) {
            known.push(value);
        }
        return value.name;
    };

    of(staging: string): readonly JsonValue[] {
        return this.#byTable.get(staging) ?? [];
    }
}

/**
 * The whole run for `psql -f`: the staged rows with `copy`, as `pg_dump` writes them, folds, marts and data tests, in one
 * transaction. The results are tables of a schema that is called like the pipeline.
 */
export function* printPostgres(
    database: Database,
    pipeline: string,
    plan: EnginePlan,
    json: AskedJson,
    hops: number,
): Generator<string, void> {
    yield `-- Run with: psql -f this.sql\n\\set ON_ERROR_STOP on\nset client_min_messages = warning;\nbegin;\n\n`;
    yield plan.waiting.map((one) => `-- left out: ${one}\n`).join('');
    for (const relation of plan.staged) {
        yield* copyStaged(database, relation, json.of(`stg_${relation.tail}`), dialect);
    }
    for (const spec of plan.currents) {
        const staging = `stg_${spec.tail}`;
        const values = json.of(staging);
        const { steps, rows } = foldSql(
            {
                tail: spec.tail,
                changes: dialect.name(staging),
                key: spec.key,
                columns: [
                    ...spec.columns,
                    ...values.map(({ name, column }) => ({ name, type: 'TEXT' as const, document: column })),
                ],
                ...factsOfStaging(database, spec),
            },
            dialect,
            hops,
        );
        yield* [...steps, dialect.keep(currentName(spec), rows)].map((sql) => `${sql};\n\n`);
    }
    for (const mart of plan.marts) {
        yield `-- ${mart.file}\n${dialect.keep(mart.name, mart.select)};\n\n`;
    }
    yield* upkeepViews(plan, dialect).map((sql) => `${sql};\n\n`);
    yield* runTests(plan, dialect).map(({ name, statement }) => `-- ${name}\n${statement};\n\n`);
    yield* publishedTables(pipeline, plan, dialect, 'pg_temp');
    yield 'commit;\n';
}
