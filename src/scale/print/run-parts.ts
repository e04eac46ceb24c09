import type { CurrentSpec } from '../../transform/current/current-spec.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { EngineMart, EnginePlan } from '../plan/engine-plan.ts';

/** Parts of a run that all engines share. */

export interface RunTest {
    readonly name: string;
    readonly statement: string;
}

/** Data tests: those that people claim, and that the key of each table names one row. */
export function runTests(plan: EnginePlan, dialect: Dialect): readonly RunTest[] {
    const keyed = [
        ...plan.currents.map((spec) => ({ name: `current_${spec.tail}`, key: spec.key })),
        ...plan.marts.filter(({ key }) => key.length > 0),
    ];
    const ofKeys = keyed.flatMap(({ name, key }) => {
        const list = key.map(dialect.name).join(', ');
        const isNull = key.map((column) => `${dialect.name(column)} is null`).join(' or ');
        return [
            {
                name: `${name}__key_not_unique`,
                query: `select ${list} from ${dialect.name(name)} group by ${list} having count(*) > 1`,
            },
            { name: `${name}__key_null`, query: `select ${list} from ${dialect.name(name)} where ${isNull}` },
        ];
    });
    return [...ofKeys, ...plan.tests].map(({ name, query }) => ({
        name,
        statement: dialect.refuse(testMessage(name), `(\n${query}\n) as bad_rows`),
    }));
}

/** How a failed data test is distinguished from other errors of an engine. */
function testMessage(test: string): string {
    return `data test "${test}" found bad rows`;
}

/** The name in a message of an engine; undefined: it is another error. */
export function failedTest(message: string): string | undefined {
    return /data test \\?"(.+?)\\?" found bad rows/.exec(message)?.[1];
}

/** What SQLite's upkeep keeps beside marts, as data tests read it: a run on an engine computes every row anew. */
export function upkeepViews(plan: EnginePlan, dialect: Dialect): readonly string[] {
    return [...plan.upkeep].flatMap((name) => {
        if (name === 'elt_watermarks') {
            const rows = [...plan.currents.map(currentName), ...plan.marts.map((mart) => mart.name)].map(
                (model) => `select ${dialect.text(model)} as model, 0 as watermark, 0 as previous`,
            );
            return [dialect.view('elt_watermarks', rows.join('\nunion all\n'))];
        }
        const mart = plan.marts.find((one) => one.name === name);
        return mart === undefined ? [] : [dialect.view(`${name}_dirty`, dirtyKeys(mart, dialect))];
    });
}

function dirtyKeys({ name, key }: EngineMart, dialect: Dialect): string {
    return `select distinct ${key.map(dialect.name).join(', ')} from ${dialect.name(name)}`;
}

export function currentName({ tail }: CurrentSpec): string {
    return `current_${tail}`;
}

/**
 * The tables that readers see, in a schema that is called like the pipeline: they see the former ones until the commit. A
 * view of theirs on one of these is named in the engine's error.
 */
export function* publishedTables(
    pipeline: string,
    plan: EnginePlan,
    dialect: Dialect,
    temporary: string,
): Generator<string, void> {
    const schema = dialect.name(pipeline);
    yield `create schema if not exists ${schema};\n\n`;
    const tables = [
        ...plan.currents.map((spec) => ({ name: currentName(spec), columns: spec.columns })),
        ...plan.marts,
    ];
    for (const { name, columns } of tables) {
        const [table, list] = [dialect.name(name), columns.map((column) => dialect.name(column.name)).join(', ')];
        yield `drop table if exists ${schema}.${table};
create table ${schema}.${table} as
select ${list} from ${temporary}.${table};\n\n`;
    }
}
