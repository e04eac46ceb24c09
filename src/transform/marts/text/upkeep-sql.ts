import { inParentheses } from '../../../sql/in-parentheses.ts';
import { indentLines } from '../../../sql/indent-lines.ts';
import { quoteName, quoteText, wrapList } from '../../../sql/quote.ts';
import { scaffoldHash } from '../../current/current-sql.ts';
import { imagesSql } from './images-sql.ts';
import { type MartColumn, type MigratedTable, type UpkeepSpec, upkeepNames } from './upkeep-spec.ts';

/**
 * The upkeep of a mart: plain SQL that can be run again at any time. It finds the keys that a run's changes reach, asks
 * the definition for those keys alone, and makes the table equal to that. Where any key may be reached, the definition
 * is asked for all.
 */
export function upkeepSql(spec: UpkeepSpec): string {
    const images = spec.images === undefined ? '' : imagesSql(spec.model, spec.images, spec.columns);
    const parts =
        spec.added === undefined
            ? [indexes(spec), dirtyKeys(spec), firstFill(spec), keyIndex(spec), images, freshRows(spec), update(spec)]
            : [addedRows(spec, spec.added), keyIndex(spec), images];
    const body = [definition(spec), table(spec), ...parts, watermark(spec)].filter((part) => part !== '').join('\n\n');
    return `${head(spec)}-- scaffold: ${scaffoldHash(body)}\n\n${body}\n`;
}

function head({ file, how }: UpkeepSpec): string {
    return `-- upkeep: ${file}\n-- how: ${how}\n`;
}

function definition({ model, definition: select }: UpkeepSpec): string {
    const now = quoteName(upkeepNames(model).now);
    return `-- What the mart is, as its file says it.
drop view if exists ${now};
create view ${now} as
${withSemicolon(select)}`;
}

function table({ model, columns, key, migrated }: UpkeepSpec): string {
    if (migrated !== undefined) {
        return '';
    }
    return `create table if not exists ${quoteName(model)} (
${columns.map((column) => `    ${columnSql(column, key)}`).join(',\n')}
) strict;`;
}

function columnSql({ name, type }: MartColumn, key: readonly string[]): string {
    return `${quoteName(name)} ${type}${key.includes(name) ? ' not null' : ''}`;
}

function indexes(spec: UpkeepSpec): string {
    const lines = spec.indexes.map(
        ({ name, table: on, columns }) =>
            `create index if not exists ${quoteName(name)} on ${quoteName(on)} (${columns.join(', ')});`,
    );
    return lines.length === 0 ? '' : `-- The ways from changed rows to the others.\n${lines.join('\n')}`;
}

function dirtyKeys({ model, columns, key, keyed, keyMayBeNull }: UpkeepSpec): string {
    const dirty = quoteName(upkeepNames(model).dirty);
    const keys = columns.filter(({ name }) => key.includes(name));
    const list = key.map(quoteName).join(', ');
    const insert =
        keyed.length === 0 ? '' : `\n\ninsert or ignore into ${dirty} (${list})\n${keyed.join('\n\nunion all\n\n')};`;
    const [needed, unique, rowid] = keyMayBeNull ? [[], 'unique', ''] : [key, 'primary key', ', without rowid'];
    return `-- 1. Which keys the changes of this run reach: as rows were, and as they are.
create table if not exists ${dirty} (
${keys.map((column) => `    ${columnSql(column, needed)},`).join('\n')}
    ${unique} (${list})
) strict${rowid};

delete from ${dirty};${insert}`;
}

function firstFill({ model, columns, key, migrated }: UpkeepSpec): string {
    const [name, now] = [quoteName(model), quoteName(upkeepNames(model).now)];
    const list = columnList(columns);
    return `-- A first run fills the table at once. The list of unfilled models comes first: where this one is not on it, no row is
-- read.
${emptied(model, key, migrated)}

insert into ${name} (
${list}
)
select
${list}
from ${now}
limit coalesce((select -1 from elt_unfilled where model = ${quoteText(model)}), 0);`;
}

/** What a model that is not filled yet holds from before goes. */
function emptied(model: string, key: readonly string[], migrated: MigratedTable | undefined): string {
    const name = quoteName(model);
    const row = migrated?.hasRowid === false ? key.map(quoteName) : ['rowid'];
    return `insert or ignore into elt_watermarks (model) values (${quoteText(model)});

delete from ${name}
where ${row.length === 1 ? row[0] : `(${row.join(', ')})`} in (
        select ${row.map((column) => `${name}.${column}`).join(', ')}
        from elt_unfilled
        cross join ${name}
        where elt_unfilled.model = ${quoteText(model)}
    );`;
}

/** A landed row is never changed or taken away: a run adds those that are new, a first run all of them. */
function addedRows({ model, columns, key, migrated }: UpkeepSpec, added: string): string {
    const list = columnList(columns);
    return `-- What has landed is never changed or taken away, so a run adds the rows that are new. A first run adds all of them.
${emptied(model, key, migrated)}

insert into ${quoteName(model)} (
${list}
)
select
${list}
from ${within(added)};`;
}

function keyIndex({ model, key, migrated }: UpkeepSpec): string {
    return migrated?.hasKey === true
        ? ''
        : `-- Only now: made at once, by a sort, it costs a fraction of what it costs row by row.
create unique index if not exists ${quoteName(upkeepNames(model).key)} on ${quoteName(model)} (${key.map(quoteName).join(', ')});`;
}

function freshRows(spec: UpkeepSpec): string {
    const { model, columns, key, narrowed, gates, keyMayBeNull } = spec;
    const { fresh, now, inFull, dirty } = upkeepNames(model);
    const create = `create table if not exists ${quoteName(fresh)} (
${columns.map((column) => `    ${columnSql(column, key)},`).join('\n')}
    primary key (${key.map(quoteName).join(', ')})
) strict, without rowid;

delete from ${quoteName(fresh)};`;
    const list = columnList(columns);
    const insert = (source: string, limit: string): string => `insert into ${quoteName(fresh)} (
${list}
)
select
${list}
from ${source}${limit};`;
    const parts = [
        `-- 2. The definition asked for those keys alone. A key that is null or there twice stops the run here.\n${create}`,
    ];
    if (gates.length > 0) {
        parts.push(
            gate(spec),
            insert(quoteName(now), `\nlimit coalesce((select rows_max from ${quoteName(inFull)}), 0)`),
            differences(spec),
        );
    }
    if (narrowed !== undefined) {
        const isAsked = gates.length === 0 ? '' : `\nlimit iif(exists (select 1 from ${quoteName(inFull)}), 0, -1)`;
        parts.push(insert(within(narrowed), isAsked));
    }
    if (keyMayBeNull) {
        const isNull = key.map((column) => `${quoteName(column)} is null`).join(' or ');
        const reached = `exists (\n        select 1\n        from ${quoteName(dirty)}\n        where ${isNull}\n    )`;
        parts.push(
            `-- Where a key that is null was reached: a row that has one stops the run here.\n${insert(
                quoteName(now),
                `\nwhere (${isNull})\nlimit iif(\n    ${reached},\n    1,\n    0\n)`,
            )}`,
        );
    }
    return parts.join('\n\n');
}

/** A view of one row where all rows are to be compared, and of none else. */
function gate({ model, gates }: UpkeepSpec): string {
    const name = quoteName(upkeepNames(model).inFull);
    const conditions = gates.map((select) => `exists (\n        ${indentLines(select, '        ')}\n    )`);
    return `-- Whether any key may be reached, so that all rows are compared: -1 is no limit.
drop view if exists ${name};
create view ${name} as
select -1 as rows_max
where not exists (select 1 from elt_unfilled where model = ${quoteText(model)})
    and (${conditions.join('\n    or ')});`;
}

/** Keys whose rows differ, and keys that are gone: where all rows are compared, these are the ones in question. */
function differences({ model, columns, key }: UpkeepSpec): string {
    const { dirty, fresh, inFull } = upkeepNames(model);
    const [name, freshName] = [quoteName(model), quoteName(fresh)];
    const keys = key.map(quoteName);
    const others = columns.filter((column) => !key.includes(column.name)).map((column) => quoteName(column.name));
    const on = keys.map((column) => `held.${column} = ${freshName}.${column}`).join(' and ');
    const limit = `limit coalesce((select rows_max from ${quoteName(inFull)}), 0)`;
    const differs = others.length === 0 ? '' : `\n    or ${distinct('held', freshName, others)}`;
    return `insert or ignore into ${quoteName(dirty)} (${keys.join(', ')})
select ${keys.map((column) => `${freshName}.${column}`).join(', ')}
from ${freshName}
left join ${name} as held on ${on}
where held.${keys[0]} is null${differs}
${limit};

insert or ignore into ${quoteName(dirty)} (${keys.join(', ')})
select ${keys.join(', ')}
from ${name} as held
where not exists (select 1 from ${freshName} where ${on})
${limit};`;
}

function update({ model, columns, key }: UpkeepSpec): string {
    const { dirty, fresh } = upkeepNames(model);
    const [name, freshName] = [quoteName(model), quoteName(fresh)];
    const keys = key.map(quoteName);
    const others = columns.filter((column) => !key.includes(column.name)).map((column) => quoteName(column.name));
    const tuple = keys.length === 1 ? (keys[0] ?? '') : `(${keys.join(', ')})`;
    const list = columnList(columns);
    const set =
        others.length === 0
            ? 'nothing'
            : `update\nset ${assigned(others)}\nwhere ${distinct(name, 'excluded', others)}`;
    return `-- 3. The table is made equal to it: rows that are gone are deleted, others written where they differ.
delete from ${name}
where ${inParentheses([`select ${keys.join(', ')} from ${quoteName(dirty)}`], '    ', `${tuple} in `)}
    and not exists (
        select 1
        from ${freshName}
        where ${keys.map((column) => `${freshName}.${column} = ${name}.${column}`).join('\n            and ')}
    );

insert into ${name} (
${list}
)
select
${list}
from ${freshName}
where true
on conflict (${keys.join(', ')}) do ${set};`;
}

function watermark({ model, upstream }: UpkeepSpec): string {
    const whole = '(select whole_seq from elt_stream)';
    const least = `(
            select min(watermark)
            from elt_watermarks
            ${inParentheses(upstream.map(quoteText), '            ', 'where model in ')}
        )`;
    const value = upstream.length === 0 ? whole : `coalesce(\n        ${least},\n        ${whole}\n    )`;
    return `update elt_watermarks
set watermark = ${value}
where model = ${quoteText(model)};`;
}

function columnList(columns: readonly MartColumn[]): string {
    return wrapList(
        columns.map(({ name }) => quoteName(name)),
        '    ',
    );
}

/** `set` of one column or of several. */
function assigned(columns: readonly string[]): string {
    const [only, ...others] = columns;
    return others.length === 0
        ? `${only} = excluded.${only}`
        : `${rowValue(columns)} = ${rowValue(columns.map((column) => `excluded.${column}`))}`;
}

/** Whether rows differ; a row value needs two columns. */
export function distinct(left: string, right: string, columns: readonly string[]): string {
    const of = (table: string): readonly string[] => columns.map((column) => `${table}.${column}`);
    return columns.length === 1
        ? `${of(left)[0]} is distinct from ${of(right)[0]}`
        : `${rowValue(of(left))} is distinct from ${rowValue(of(right))}`;
}

function rowValue(items: readonly string[]): string {
    return `(\n${wrapList(items, '        ')}\n    )`;
}

/** A comment at the end would take the semicolon along. */
function withSemicolon(select: string): string {
    return /--[^\n]*$/.test(select) ? `${select}\n;` : `${select};`;
}

/** A SELECT in parentheses; a comment at its end would take the last one along. */
function within(select: string): string {
    return `(\n    ${indentLines(select.trimEnd(), '    ')}\n)`;
}
