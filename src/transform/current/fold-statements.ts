import { quoteText } from '../../sql/quote.ts';
import { currentNames } from './current-names.ts';
import type { CurrentSpec } from './current-spec.ts';
import { allKeys, decisionsFor, keyLabel } from './key-history.ts';

/** The statements that fold what is new, and move the watermark. */
export function foldStatements(spec: CurrentSpec): string {
    const { foldView } = currentNames(spec);
    const model = quoteText(`current_${spec.tail}`);
    return `insert or ignore into elt_watermarks (model) values (${model});

${spec.history === undefined ? keyGuard(spec) : ''}insert into ${foldView} (_seq, _op, _old_key, _absent)
select _seq, _op, _old_key, _absent
${spec.history === undefined ? changes(spec) : `${changesAndEvents(spec)}`};

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = ${model};
`;
}

/** A fold by one key: the trigger `stop` ends it where the stream names rows by another one. */
function keyGuard(spec: CurrentSpec): string {
    const { foldView } = currentNames(spec);
    const label = keyLabel(spec.key);
    const isOther = spec.isChosen === true ? `key not in (${label}, '') and whole = 0` : `key <> ${label}`;
    return `-- Rows must be named by this key in all that is new, and no column of it may have been retyped.
insert into ${foldView} (_op)
select 'stop'
from elt_keys_ahead
where model = ${quoteText(`current_${spec.tail}`)}
    and (${isOther} or retyped in (${spec.key.map(quoteText).join(', ')}));

`;
}

function changes(spec: CurrentSpec): string {
    return `from ${currentNames(spec).staging}
where ${isNew(spec, '_seq', '    ')}
order by _seq`;
}

function isNew(spec: CurrentSpec, seq: string, indent: string): string {
    return `${seq} > (select watermark from elt_watermarks where model = ${quoteText(`current_${spec.tail}`)})
${indent}and ${seq} <= (select whole_seq from elt_stream)`;
}

/** The changes, and in their midst the changes of the key, each before the change that showed it. */
function changesAndEvents(spec: CurrentSpec): string {
    const { staging } = currentNames(spec);
    const table = quoteText(`stg_${spec.tail}`);
    const known = [...allKeys(spec), ...(decisionsFor(spec, []).length > 0 ? [[]] : [])].map(keyLabel).join(', ');
    // A chosen key is held by every whole row, whatever the stream names it by.
    const event =
        spec.isChosen === true
            ? `case when key in (${known}) then 'key' when key = '' or coalesce(whole, 1) then 'named' else 'stop' end`
            : `iif(key in (${known}), 'key', 'stop')`;
    return `from (
    select _seq, 2 as turn, _op, _old_key, _absent
    from ${staging}
    where ${isNew(spec, '_seq', '        ')}

    union all

    select _seq, 0, ${event}, key, was
    from elt_keys
    where staging_table = ${table}
        and ${isNew(spec, '_seq', '        ')}

    union all

    select elt_drift._seq, 1, 'retyped', named.key, named.key
    from elt_drift
    join elt_keys as named
        on named.staging_table = elt_drift.staging_table
        and named._seq = (
            select max(_seq) from elt_keys
            where staging_table = ${table} and _seq <= elt_drift._seq
        )
        and named._seq < elt_drift._seq
    where elt_drift.staging_table = ${table}
        and stale = 1
        and ${isNew(spec, 'elt_drift._seq', '        ')}
        and ${isOfKey(spec)}
    group by elt_drift._seq, named.key
)
order by _seq, turn`;
}

/** Whether the retyped column is one of the key in force. */
function isOfKey(spec: CurrentSpec): string {
    const keys = allKeys(spec).map(
        (key) => `named.key = ${keyLabel(key)} and column_name in (${key.map(quoteText).join(', ')})`,
    );
    return keys.length === 1 ? (keys[0] ?? '') : `(${keys.join('\n            or ')})`;
}
