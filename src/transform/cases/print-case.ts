import type { MartCase } from '../../project/case-files.ts';
import { sqlLiteral } from '../../sql/literal.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { isStaging } from './case-database.ts';
import type { CaseGround } from './case-ground.ts';
import type { CaseTable } from './case-table.ts';
import { type ReadCase, readCase } from './read-case.ts';

/**
 * A case as SQL for an empty database in the sqlite3 shell (`sqlite3 -bail :memory:`): the schema, the rows that are
 * given, the models' files, and a SELECT of rows that are missing or that nobody expects. It undoes itself at the end.
 */
export function printCase(ground: CaseGround, one: MartCase): string {
    const read = readCase(one, ground);
    const database = ground.copy();
    try {
        const isStaged = [...read.given.keys()].some(isStaging);
        const last = isStaged ? `(select max(_seq) from (${lastOf([...read.given.keys()].filter(isStaging))}))` : '1';
        return [
            `-- ${one.mart}: ${one.name} (${one.file}:${one.line})`,
            'begin;',
            ...schemaOf(database),
            'update elt_stream set last_seq = 1, whole_seq = 1;',
            ...read.chain.makers.map(({ followed }) => followed.model.text.trim()),
            ...[...read.given].flatMap(([table, rows]) => rows.map((row) => insertSql(table, row))),
            `update elt_stream set last_seq = ${last}, whole_seq = ${last};`,
            'update elt_watermarks set watermark = (select whole_seq from elt_stream);',
            ...read.chain.models.map(({ followed }) => followed.model.text.trim()),
            ...differenceSql(read),
            'rollback;',
            '',
        ].join('\n');
    } finally {
        database.close();
    }
}

/** The schema with the rows that it begins with. */
function schemaOf(database: Database): readonly string[] {
    const objects = database
        .prepare("select sql from sqlite_schema where sql is not null and name not glob 'sqlite_*' order by rowid")
        .pluck()
        .all() as string[];
    const filled = ['elt_stream', 'elt_clock', 'elt_relations', 'elt_columns', 'elt_keys'];
    const rows = filled.flatMap((table) => {
        const statement = database.prepare(`select * from ${table}`).safeIntegers();
        const columns = statement.columns().map(({ name }) => name);
        return (statement.raw().all() as unknown[][]).map((row) =>
            insertSql({ name: table, columns: columns.map((name) => ({ name })) }, row),
        );
    });
    return [...objects.map((sql) => `${sql};`), ...rows];
}

function insertSql(
    { name, columns }: { readonly name: string; readonly columns: readonly { readonly name: string }[] },
    row: readonly unknown[],
): string {
    const list = columns.map((column) => quoteName(column.name)).join(', ');
    return `insert into ${quoteName(name)} (${list}) values (${row.map(sqlLiteral).join(', ')});`;
}

function lastOf(tables: readonly CaseTable[]): string {
    return tables.map(({ name }) => `select max(_seq) as _seq from ${quoteName(name)}`).join(' union all ');
}

/** Rows are compared by the columns that the case names; where rows name other columns, each kind for itself. */
function differenceSql({ table, expected, source }: ReadCase): readonly string[] {
    const name = quoteName(table.name);
    if (expected.length === 0) {
        return [`select 'not expected' as problem, * from ${name};`];
    }
    const kinds = new Map<string, (readonly unknown[])[]>();
    for (const { columns, values } of expected) {
        const list = columns.map(quoteName).join(', ');
        kinds.set(list, [...(kinds.get(list) ?? []), values]);
    }
    const missing = [...kinds].map(([list, rows]) => {
        const values = rows.map((row) => `(${row.map(sqlLiteral).join(', ')})`).join(',\n        ');
        return `with expected (${list}) as (
    values
        ${values}
)
select 'missing' as problem, * from (select * from expected except select ${list} from ${name})${
            kinds.size > 1
                ? ''
                : `
union all
select 'not expected' as problem, * from (select ${list} from ${name} except select * from expected)`
        };`;
    });
    const count = `select 'rows: ' || count(*) || ', expected: ${expected.length}' as problem from ${name} having count(*) <> ${expected.length};`;
    return [
        `-- What is missing, and what nobody expects: no rows if all is well (line ${source.line}).`,
        ...missing,
        count,
    ];
}
