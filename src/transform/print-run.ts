import type { ProjectFiles, TestFile } from '../project/model-files.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { indexesAside } from './indexes-aside.ts';
import type { PlannedModel, RunRequest } from './plan/decide.ts';
import { planTransform } from './plan/plan-transform.ts';
import { emptyModel, forgetTakenChanges, runningModels, testsOfRun } from './run-steps.ts';

/**
 * The whole run as plain SQL: `elt transform --print | sqlite3 -bail payments.db` leaves the same staging, tables and
 * watermarks as `elt transform`. A data test that finds rows violates a CHECK, which stops the shell before the commit.
 * What only the command records (times and counts in `elt_models`) is left out.
 */
export function printRun(database: Database, files: ProjectFiles, request: RunRequest): string {
    const { planned } = planTransform(database, files, request);
    const running = runningModels(planned);
    if (running.length === 0) {
        return '-- Nothing to run: every model is up to date.\n';
    }
    const full = running.filter((model) => model.action === 'full');
    return [
        '-- Run with: sqlite3 -bail FILE < this.sql',
        'begin immediate;\n',
        ...forgetTakenChanges(database, planned).map((sql) => `${sql};\n`),
        ...planned
            .filter(({ action }) => action === 'stopped' || action === 'held')
            .map(({ ordered, reason }) => `-- ${ordered.model} is left out: ${reason}\n`),
        ...full.flatMap((model) => emptyModel(database, model, planned).map((sql) => `${sql};\n`)),
        ...running.map((model) => modelText(database, model)),
        ...testTexts(files, running),
        'commit;\n',
    ].join('\n');
}

function modelText(database: Database, planned: PlannedModel): string {
    const { model, alterations } = planned.followed;
    const { textHash, sqlHash } = planned.ordered;
    const aside = indexesAside(database, planned);
    const before = [...(planned.action === 'incremental' ? alterations : []), ...aside.drop];
    const listed = (statements: readonly string[]): string => statements.map((sql) => `${sql};\n`).join('');
    const remembered = `insert into elt_models (
    model, file, text_hash, sql_hash, scaffolded, generated_sql, taken_seq, taken_tick, last_run_at, milliseconds, inserted, updated, deleted, unchanged
)
values (
    ${quoteText(model.name)}, ${quoteText(model.file)}, ${quoteText(textHash)}, ${sqlHash === null ? 'null' : quoteText(sqlHash)},
    ${planned.followed.scaffolded ? 1 : 0},
    null, (select last_seq from elt_stream), (select tick from elt_clock), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0, 0, 0, 0, 0
)
on conflict (model) do update set
    text_hash = excluded.text_hash,
    sql_hash = excluded.sql_hash,
    scaffolded = excluded.scaffolded,
    taken_seq = excluded.taken_seq,
    taken_tick = excluded.taken_tick,
    last_run_at = excluded.last_run_at;
`;
    return `-- ${model.file}: ${planned.reason}\n${listed(before)}${model.text.trimEnd()}\n\n${listed(aside.create)}${remembered}`;
}

function testTexts(files: ProjectFiles, running: readonly PlannedModel[]): string[] {
    const tests = testsOfRun(files, running);
    if (tests.length === 0) {
        return [];
    }
    const table = quoteName('elt_data_test');
    return [
        `create temp table if not exists ${table} (
    data_test text not null,
    bad_rows integer not null constraint data_test_found_rows check (bad_rows = 0)
);
`,
        ...tests.map((test) => testText(test, table)),
    ];
}

function testText(test: TestFile, table: string): string {
    return `-- ${test.file}
insert into ${table} (data_test, bad_rows)
select ${quoteText(test.name)}, (select count(*) from (
${test.statement.sql.replace(/;\s*$/, '')}
));
`;
}
