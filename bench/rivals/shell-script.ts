import type { Mode } from './mode.ts';
import { createKey, createTable, type TypedTable, type TypedTables } from './typed-tables.ts';

/** Rival: the sqlite3 shell alone. The script that it is given: `json_each` over the whole file, values by place. */
export function shellScript(mode: Mode, input: string, spec: TypedTables): string {
    const isNew = mode !== 'append';
    return [
        'pragma page_size = 8192;',
        'begin;',
        ...(isNew
            ? spec.tables.map((table) => `${createTable(table).replace('create table', 'create table if not exists')};`)
            : []),
        ...(mode === 'upsert'
            ? spec.tables.map((table) => `${createKey(table).replace('index', 'index if not exists')};`)
            : []),
        `create temp table change as
        select
            change.value ->> '$.kind' as kind,
            change.value ->> '$.table' as source,
            change.value -> '$.columnvalues' as columnvalues,
            change.value -> '$.oldkeys.keyvalues' as keyvalues
        from json_each(readfile('${input}')) as record
        join json_each(record.value, '$.change') as change;`,
        ...spec.tables.flatMap(fill),
        ...(mode === 'run' ? [...spec.tables.map(createKey), ...spec.indexes, spec.view, spec.mart].map(ended) : []),
        ...(mode === 'run' || mode === 'append'
            ? ['delete from metrics;', 'insert into metrics select * from metrics_now;']
            : []),
        'commit;',
        '',
    ].join('\n');
}

function fill(table: TypedTable): string[] {
    const values = table.columns.map((_, index) => `columnvalues ->> ${index}`).join(', ');
    const names = table.columns.map((column) => `"${column.name}"`).join(', ');
    return [
        `insert or replace into ${table.name} (${names})
        select ${values} from change where source = '${table.source}' and kind in ('insert', 'update') order by rowid;`,
        `delete from ${table.name}
        where ${table.key} in (select keyvalues ->> 0 from change where kind = 'delete' and source = '${table.source}');`,
    ];
}

function ended(sql: string): string {
    return `${sql};`;
}
