import { indentLines } from '../../sql/indent-lines.ts';
import { keyText } from '../../sql/key-text.ts';
import { labelPath, quoteName, quoteText } from '../../sql/quote.ts';
import { namesText, relationText } from '../../sql/relation-name.ts';
import { columnOf, currentNames, stagedValue } from './current-names.ts';
import type { CurrentSpec } from './current-spec.ts';
import { allKeys, keyLabel } from './key-history.ts';

/** A data test of a current table: the part of its name after `<model>__`, and its text with a head. */
interface CurrentTest {
    readonly badThing: string;
    readonly sql: string;
}

/** The data tests of a current table: they derive the state from staging in another way than the fold does. */
export function currentTests(spec: CurrentSpec): readonly CurrentTest[] {
    return [
        { badThing: 'key_not_unique', sql: keyNotUnique(spec) },
        ...allKeys(spec).map((key, index) => ({
            badThing: `not_as_last_changed${index === 0 ? '' : `_${index + 1}`}`,
            sql: notAsLastChanged(spec, key),
        })),
        { badThing: 'named_by_another_key', sql: namedByAnotherKey(spec) },
    ];
}

function keyNotUnique(spec: CurrentSpec): string {
    const why = `-- why: one row a key is what everything that joins ${relationText(spec.schema, spec.table)} relies on
-- scope: all
`;
    const { current } = currentNames(spec);
    const arm = (key: readonly string[], shown: string, condition: string): string => {
        const columns = key.map(quoteName);
        const nulls = columns.map((column) => `${column} is null`).join(' or ');
        return `select ${shown}, count(*) as rows_of_key
from ${current}
${condition}group by ${columns.join(', ')}
having count(*) > 1 or ${nulls}`;
    };
    if (spec.history === undefined) {
        return `${why}\n${arm(spec.key, spec.key.map(quoteName).join(', '), '')};\n`;
    }
    const arms = allKeys(spec).map((key) => {
        const shown = `json_array(${key.map(quoteName).join(', ')}) as key`;
        return arm(key, shown, `where ${isInForce(spec, key)}\n`);
    });
    return `${why}\n${arms.join('\n\nunion all\n\n')};\n`;
}

/** Whether rows are named by a key where the model's watermark stands. */
function isInForce(spec: CurrentSpec, key: readonly string[]): string {
    const own = keyLabel(spec.key);
    const inForce = `(
    select key from elt_keys
    where staging_table = ${quoteText(`stg_${spec.tail}`)}
        and _seq <= (select watermark from elt_watermarks where model = ${quoteText(`current_${spec.tail}`)})
    order by _seq desc limit 1
)`;
    return spec.isChosen === true || keyText(key) === keyText(spec.key)
        ? `coalesce(nullif(${inForce}, ''), ${own}) = ${keyLabel(key)}`
        : `${inForce} = ${keyLabel(key)}`;
}

/**
 * A key whose last change wrote it must be there; one whose last change deleted or moved it must be gone.
 * Reads the changes of the last run only: `previous` is 0 after a first run or a rebuild. If all of them wrote keys that
 * are there, one pass over them is enough. Otherwise each is asked for three things; without `materialized` that would
 * be three passes over the staging table.
 */
function notAsLastChanged(spec: CurrentSpec, keyColumns: readonly string[]): string {
    const key = keyColumns.map(quoteName);
    const { current, staging } = currentNames(spec);
    const model = quoteText(`current_${spec.tail}`);
    const value = (name: string, prefix = ''): string =>
        stagedValue({ ...columnOf(spec, name), unseen: false }, prefix);
    const old = (name: string): string => {
        const json = `_old_key ->> ${labelPath(name)}`;
        return columnOf(spec, name).type === 'ANY' ? `cast(${json} as text)` : json;
    };
    const values = keyColumns.map((name) => `${value(name)} as ${quoteName(name)}`).join(', ');
    const oldValues = keyColumns
        .map((name) => `coalesce(${old(name)}, ${value(name)}) as ${quoteName(name)}`)
        .join(', ');
    const moved = keyColumns.map((name) => `_old_key -> ${labelPath(name)}`);
    const isWritten = keyColumns.map((name) => `row_now.${quoteName(name)} = ${value(name, 'change.')}`).join(' and ');
    const isThere = (at: string): string => `exists (select 1 from ${current} as row_now where ${at}${isWritten})`;
    const sameKey = key.map((column) => `row_now.${column} = last_change.${column}`).join(' and ');
    const since = spec.history === undefined ? '' : `\n        and ${sinceKeyChanged(spec, keyColumns)}`;
    return `-- why: the last change of a key says whether its row is there; asked of staging, not of the fold
-- scope: changed

-- A change that is more than a row written, which is there: only then it matters which change is the last.
with in_question as materialized (
    select 1
    from ${staging} as change
    where _seq > (select previous from elt_watermarks where model = ${model})
        and _seq <= (select watermark from elt_watermarks where model = ${model})${since}
        and not (
            _op in ('insert', 'update')
            and _old_key is null
            -- A first fold leaves a row under the number of its change.
            and (${isThere('row_now.rowid = change._seq and ')} or ${isThere('')})
        )
    limit 1
),

change as materialized (
    select _seq, _op, _old_key, ${key.join(', ')}
    from ${staging}
    where _seq > (select previous from elt_watermarks where model = ${model} and exists (select 1 from in_question))
        and _seq <= (select watermark from elt_watermarks where model = ${model})${since}
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

/** Only changes since the key last changed, and only if it is this one: what came before was named by another one. */
function sinceKeyChanged(spec: CurrentSpec, key: readonly string[]): string {
    const table = quoteText(`stg_${spec.tail}`);
    const watermark = `(select watermark from elt_watermarks where model = ${quoteText(`current_${spec.tail}`)})`;
    const columns = allKeys(spec).flat().map(quoteText);
    return `_seq >= max(
            coalesce((select max(_seq) from elt_keys where staging_table = ${table} and _seq <= ${watermark}), 0),
            coalesce((
                select max(_seq) from elt_drift
                where staging_table = ${table} and stale = 1 and _seq <= ${watermark}
                    and column_name in (${[...new Set(columns)].join(', ')})
            ), 0)
        )
        and ${indentLines(isInForce(spec, key), '        ')}`;
}

/** Changes that are named by columns by which the fold finds no row. */
function namedByAnotherKey(spec: CurrentSpec): string {
    const known = allKeys(spec).map(keyLabel).join(', ');
    const accepted =
        spec.isChosen === true || spec.history?.decisions.some(({ now }) => now.length === 0)
            ? `key not in (${known}, '') and coalesce(whole, 1) = 0`
            : `key not in (${known})`;
    return `-- why: a change that names its row by another key than ${namesText(spec.key)} would be folded as if there were no such row
-- scope: changed

with folded as (
    select previous, watermark
    from elt_watermarks
    where model = ${quoteText(`current_${spec.tail}`)}
)

select named._seq, named.key
from elt_keys as named
cross join folded
where named.staging_table = ${quoteText(`stg_${spec.tail}`)}
    and named._seq <= folded.watermark
    and named._seq >= coalesce((
        select max(_seq) from elt_keys
        where staging_table = named.staging_table and _seq <= folded.previous + 1
    ), 0)
    and ${accepted};
`;
}
