import { createHash } from 'node:crypto';
import { encodeLabel, labelPath, quoteName, quoteText, wrapList } from '../../sql/quote.ts';
import { namesText, relationText } from '../../sql/relation-name.ts';
import type { CurrentColumn, CurrentSpec } from './current-spec.ts';

/**
 * The SQL file of a current table: table, changed table with its triggers, fold.
 * This formulation was measured to be correct in every case: a view of change ids with INSTEAD OF triggers whose
 * conditions exclude each other (SQLite does not define the order of several triggers), and one insert in order of
 * `_seq`.
 */
export function currentSql(spec: CurrentSpec): string {
    const body = [tables(spec), changedTriggers(spec), fold(spec)].join('\n');
    return `${head(spec)}-- scaffold: ${scaffoldHash(body)}\n\n${body}`;
}

/** Hash of everything below the line that holds it: a file whose hash matches has not been edited. */
function scaffoldHash(body: string): string {
    return createHash('sha256').update(body.trim()).digest('hex').slice(0, 16);
}

/** Whether a file is still as `elt scaffold` wrote it. */
export function isUnedited(text: string): boolean {
    const match = /^-- scaffold: ([0-9a-f]{16})$/m.exec(text);
    return match !== null && scaffoldHash(text.slice(match.index + match[0].length)) === match[1];
}

function head(spec: CurrentSpec): string {
    return `-- row: the latest state of a row of ${relationText(spec.schema, spec.table)}
-- relation: ${relationText(spec.schema, spec.table)}
-- key: ${namesText(spec.key)}
`;
}

function tables(spec: CurrentSpec): string {
    const { current, changed, keyIndex } = names(spec);
    const columns = spec.columns.map((column) => {
        const required = spec.key.includes(column.name) ? ' not null' : '';
        return `    ${quoteName(column.name)} ${declared(column.type)}${required}`;
    });
    const images = spec.columns.map((column) => `    ${quoteName(column.name)} ${declared(column.type)}`);
    return `create table if not exists ${current} (
${columns.join(',\n')}
) strict;

create unique index if not exists ${keyIndex}
on ${current} (${spec.key.map(quoteName).join(', ')});

-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists ${changed} (
    _tick integer not null,
    _op text not null,
    _image text not null,
${images.join(',\n')}
) strict;
`;
}

function changedTriggers(spec: CurrentSpec): string {
    const { current, changed } = names(spec);
    const when = `when (select recording from elt_watermarks where model = ${quoteText(`current_${spec.tail}`)})`;
    const image = (op: string, which: 'old' | 'new'): string => {
        const values = spec.columns.map((column) => `${which}.${quoteName(column.name)}`);
        return `    insert into ${changed}
    select
${wrapList(['tick', quoteText(op), quoteText(which), ...values], '        ')}
    from elt_clock;`;
    };
    const trigger = (word: string, op: string, images: readonly ('old' | 'new')[]): string => {
        const name = quoteName(`current_${spec.tail}_${word}`);
        return `drop trigger if exists ${name};
create trigger ${name} after ${op} on ${current}
${when}
begin
${images.map((which) => image(op, which)).join('\n')}
end;
`;
    };
    return [
        trigger('inserted', 'insert', ['new']),
        trigger('updated', 'update', ['old', 'new']),
        trigger('deleted', 'delete', ['old']),
    ].join('\n');
}

function fold(spec: CurrentSpec): string {
    const { current, staging, foldView } = names(spec);
    const model = quoteText(`current_${spec.tail}`);
    return `-- How one change is folded in; the conditions exclude each other.
drop view if exists ${foldView};
create view ${foldView} as
select _seq, _op, _old_key, _absent from ${staging};

${writeTrigger(spec)}
${patchTrigger(spec)}
create trigger ${quoteName(`fold_${spec.tail}_delete`)} instead of insert on ${foldView}
when new._op = 'delete'
begin
    delete from ${current}
    where ${keyTuple(spec, '')} = (select ${keyValues(spec, '').join(', ')} from ${staging} where _seq = new._seq);
end;

create trigger ${quoteName(`fold_${spec.tail}_truncate`)} instead of insert on ${foldView}
when new._op = 'truncate'
begin
    delete from ${current};
end;

insert or ignore into elt_watermarks (model) values (${model});

insert into ${foldView}
select _seq, _op, _old_key, _absent
from ${staging}
where _seq > (select watermark from elt_watermarks where model = ${model})
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = ${model};
`;
}

/** Insert, or an update that keeps its key and leaves no column out: the staged row is the whole new row. */
function writeTrigger(spec: CurrentSpec): string {
    const { current, staging, foldView } = names(spec);
    return `create trigger ${quoteName(`fold_${spec.tail}_write`)} instead of insert on ${foldView}
when new._op in ('insert', 'update') and new._old_key is null and new._absent is null
begin
    insert into ${current} (
${wrapList(
    spec.columns.map((column) => quoteName(column.name)),
    '        ',
)}
    )
    select
${wrapList(
    spec.columns.map((column) => stagedValue(column, '')),
    '        ',
)}
    from ${staging}
    where _seq = new._seq
${onConflict(spec)}
end;
`;
}

/** If the key changed, the row moves first. Absent columns keep the row's values. */
function patchTrigger(spec: CurrentSpec): string {
    const { current, staging, foldView } = names(spec);
    const held = spec.columns.map((column) => {
        const staged = stagedValue(column, 'staged.');
        return spec.key.includes(column.name)
            ? staged
            : `iif(instr(new._absent, ${absentLabel(column.name)}), held.${quoteName(column.name)}, ${staged})`;
    });
    return `create trigger ${quoteName(`fold_${spec.tail}_patch`)} instead of insert on ${foldView}
when new._op in ('insert', 'update') and (new._old_key is not null or new._absent is not null)
begin
${move(spec)}

    insert into ${current} (
${wrapList(
    spec.columns.map((column) => quoteName(column.name)),
    '        ',
)}
    )
    select
        ${held.join(',\n        ')}
    from ${staging} as staged
    left join ${current} as held on ${spec.key
        .map((name) => `held.${quoteName(name)} = ${stagedValue(columnOf(spec, name), 'staged.')}`)
        .join(' and ')}
    where staged._seq = new._seq
${onConflict(spec)}
end;
`;
}

/** A plain update, not `or replace`, which deletes rows without firing the triggers of the changed table. */
function move(spec: CurrentSpec): string {
    const { current, staging } = names(spec);
    const key = keyTuple(spec, '');
    const newKey = `(select ${keyValues(spec, '').join(', ')} from ${staging} where _seq = new._seq)`;
    const oldKey = oldKeyValue(spec);
    const differs = `coalesce(${spec.key.map((name) => `new._old_key -> ${labelPath(name)}`).join(', ')}) is not null`;
    return `    -- Where changes come a second time the new key may be taken: then its row gives way.
    delete from ${current}
    where ${key} = ${newKey}
        and ${key} <> ${oldKey}
        and exists (select 1 from ${current} where ${key} = ${oldKey});

    update ${current}
    set ${key} = ${newKey}
    where ${key} = ${oldKey}${spec.key.length === 1 ? '' : `\n        and ${differs}`};`;
}

/** The key before the change; null for a single-column key that did not change. */
function oldKeyValue(spec: CurrentSpec): string {
    const old = (name: string): string => {
        const value = `new._old_key ->> ${labelPath(name)}`;
        return columnOf(spec, name).type === 'ANY' ? `cast(${value} as text)` : value;
    };
    const [only] = spec.key;
    if (spec.key.length === 1 && only !== undefined) {
        return old(only);
    }
    const before = spec.key.map((name) => `coalesce(${old(name)}, ${stagedValue(columnOf(spec, name), '')})`);
    return `(select ${before.join(', ')} from ${names(spec).staging} where _seq = new._seq)`;
}

function onConflict(spec: CurrentSpec): string {
    const others = spec.columns.filter((column) => !spec.key.includes(column.name));
    const target = `    on conflict (${spec.key.map(quoteName).join(', ')}) do`;
    if (others.length === 0) {
        return `${target} nothing;`;
    }
    const columns = others.map((column) => quoteName(column.name));
    const { current } = names(spec);
    const tuple = (items: readonly string[]): string => `(\n${wrapList(items, '        ')}\n    )`;
    // A row value needs at least two columns.
    if (columns.length === 1) {
        const column = columns[0] ?? '';
        return `${target} update
    set ${column} = excluded.${column}
    where ${current}.${column} is distinct from excluded.${column};`;
    }
    return `${target} update
    set ${tuple(columns)} = ${tuple(columns.map((column) => `excluded.${column}`))}
    where ${tuple(columns.map((column) => `${current}.${column}`))} is distinct from ${tuple(
        columns.map((column) => `excluded.${column}`),
    )};`;
}

function names(spec: CurrentSpec) {
    return {
        staging: quoteName(`stg_${spec.tail}`),
        current: quoteName(`current_${spec.tail}`),
        changed: quoteName(`changed_${spec.tail}`),
        foldView: quoteName(`fold_${spec.tail}`),
        keyIndex: quoteName(`key_${spec.tail}`),
    };
}

function declared(type: CurrentSpec['columns'][number]['type']): string {
    return type === 'ANY' ? 'text' : type.toLowerCase();
}

function columnOf(spec: CurrentSpec, name: string): CurrentColumn {
    return spec.columns.find((column) => column.name === name) ?? { name, type: 'TEXT' };
}

/** In a column retyped in flight, '7' and 7 would not join: the current table holds PostgreSQL's text. */
export function stagedValue({ name, type, unseen }: CurrentColumn, prefix: string): string {
    const column = `${prefix}${quoteName(name)}`;
    return unseen === true ? 'null' : type === 'ANY' ? `cast(${column} as text)` : column;
}

function keyValues(spec: CurrentSpec, prefix: string): string[] {
    return spec.key.map((name) => stagedValue(columnOf(spec, name), prefix));
}

function keyTuple(spec: CurrentSpec, prefix: string): string {
    const columns = spec.key.map((name) => `${prefix}${quoteName(name)}`);
    return columns.length === 1 ? (columns[0] ?? '') : `(${columns.join(', ')})`;
}

function absentLabel(name: string): string {
    return quoteText(`,${encodeLabel(name)},`);
}
