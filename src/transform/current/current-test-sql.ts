import { labelPath, quoteName, quoteText } from '../../sql/quote.ts';
import { relationText } from '../../sql/relation-name.ts';
import type { CurrentSpec } from './current-spec.ts';

/** A data test of a current table: the part of the file's name after `<model>__`, and its text. */
interface ScaffoldedTest {
    readonly badThing: string;
    readonly sql: string;
}

/** The data tests of a current table: they check it against staging with other SQL than the fold's. */
export function currentTests(spec: CurrentSpec): readonly ScaffoldedTest[] {
    return [
        { badThing: 'key_not_unique', sql: keyNotUnique(spec) },
        { badThing: 'not_as_last_changed', sql: notAsLastChanged(spec) },
    ];
}

function keyNotUnique(spec: CurrentSpec): string {
    const key = spec.key.map(quoteName);
    const nulls = key.map((column) => `${column} is null`).join(' or ');
    return `-- why: one row a key is what everything that joins ${relationText(spec.schema, spec.table)} relies on
-- scope: all

select ${key.join(', ')}, count(*) as rows_of_key
from ${quoteName(`current_${spec.tail}`)}
group by ${key.join(', ')}
having count(*) > 1 or ${nulls};
`;
}

/**
 * A key whose last change wrote it must exist; one whose last change deleted or moved it must not.
 * Reads the changes of the last run only: `previous` is 0 after a first run or a rebuild. If all of them wrote keys
 * that exist, one scan is enough. Otherwise the changes are read three times; without `materialized` that would be
 * three scans of the staging table.
 */
function notAsLastChanged(spec: CurrentSpec): string {
    const key = spec.key.map(quoteName);
    const current = quoteName(`current_${spec.tail}`);
    const staging = quoteName(`stg_${spec.tail}`);
    const model = quoteText(`current_${spec.tail}`);
    const value = (name: string, table = ''): string => {
        const any = spec.columns.find((column) => column.name === name)?.type === 'ANY';
        return any ? `cast(${table}${quoteName(name)} as text)` : `${table}${quoteName(name)}`;
    };
    const values = spec.key.map((name) => `${value(name)} as ${quoteName(name)}`).join(', ');
    const oldValues = spec.key
        .map((name) => `coalesce(_old_key ->> ${labelPath(name)}, ${value(name)}) as ${quoteName(name)}`)
        .join(', ');
    const moved = spec.key.map((name) => `_old_key -> ${labelPath(name)}`);
    const isWritten = spec.key.map((name) => `row_now.${quoteName(name)} = ${value(name, 'change.')}`).join(' and ');
    const sameKey = key.map((column) => `row_now.${column} = last_change.${column}`).join(' and ');
    return `-- why: the last change of a key says whether its row is there; asked of staging, not of the fold
-- scope: changed

-- A change that is more than a row written, which is there: only then it matters which change is the last.
with in_question as materialized (
    select 1
    from ${staging} as change
    where _seq > (select previous from elt_watermarks where model = ${model})
        and _seq <= (select watermark from elt_watermarks where model = ${model})
        and not (
            _op in ('insert', 'update')
            and _old_key is null
            and exists (select 1 from ${current} as row_now where ${isWritten})
        )
    limit 1
),

change as materialized (
    select _seq, _op, _old_key, ${key.join(', ')}
    from ${staging}
    where _seq > (select previous from elt_watermarks where model = ${model} and exists (select 1 from in_question))
        and _seq <= (select watermark from elt_watermarks where model = ${model})
),

key_change as (
    select _seq, _op <> 'delete' as is_there, ${values}
    from change
    where _op <> 'truncate'

    union all

    select _seq, 0, ${oldValues}
    from change
    where ${moved.length === 1 ? moved[0] : `coalesce(${moved.join(', ')})`} is not null
),

last_change as (
    select max(_seq) as _seq, is_there, ${key.join(', ')}
    from key_change
    where _seq > coalesce((select max(_seq) from change where _op = 'truncate'), 0)
    group by ${key.join(', ')}
)

select last_change.*
from last_change
where last_change.is_there <> exists (select 1 from ${current} as row_now where ${sameKey});
`;
}
