import { quoteName, quoteText, wrapList } from '../../sql/quote.ts';
import { currentNames, tuple } from './current-names.ts';
import type { CurrentSpec } from './current-spec.ts';
import { allKeys, keyLabel } from './key-history.ts';
import { stopText } from './key-stops.ts';

/** The triggers by which an insert into the fold view folds one change; their conditions exclude each other. */
export function foldTriggers(spec: CurrentSpec): string {
    return [write(spec), remove(spec), truncate(spec), stop(spec)].join('\n');
}

/** A trigger `fold_<tail>_<word>`. */
export function foldTrigger(spec: CurrentSpec, word: string, condition: string, statements: readonly string[]): string {
    const { foldView } = currentNames(spec);
    return `create trigger ${quoteName(`fold_${spec.tail}_${word}`)} instead of insert on ${foldView}
when ${condition}
begin
    ${statements.join('\n\n    ')}
end;
`;
}

function write(spec: CurrentSpec): string {
    const { current, foldView } = currentNames(spec);
    const columns = spec.columns.map((column) => quoteName(column.name));
    const list = (items: readonly string[]): string => `(\n${wrapList(items, '        ')}\n    )`;
    // A row value needs two columns; for one the plain comparison reads better anyway.
    const tupleOf = (items: readonly string[]): string => (items.length === 1 ? tuple(items) : list(items));
    const excluded = tupleOf(columns.map((column) => `excluded.${column}`));
    const held = tupleOf(columns.map((column) => `${current}.${column}`));
    return foldTrigger(spec, 'write', "new._op in ('insert', 'update')", [
        countRowless(spec, `new._op = 'update'${isSentAgain(spec) ? ' and new._absent is not null' : ''}`),
        `-- Where changes come a second time the new key may be taken: then its row gives way.
    delete from ${current}
    where new._old_key is not null
        and rowid = (select _taken from ${foldView} where _seq = new._seq and _taken <> _row);`,
        `insert into ${current} ${list(['rowid', ...columns])}
    select
${wrapList(['_row', ...columns], '        ')}
    from ${foldView}
    where _seq = new._seq
    on conflict (rowid) do update
    set ${tupleOf(columns)} = ${excluded}
    where ${held} is distinct from ${excluded};`,
    ]);
}

function remove(spec: CurrentSpec): string {
    const { current, foldView } = currentNames(spec);
    return foldTrigger(spec, 'delete', "new._op = 'delete'", [
        countRowless(spec),
        `delete from ${current}
    where rowid = (select _row from ${foldView} where _seq = new._seq);`,
    ]);
}

function truncate(spec: CurrentSpec): string {
    const { current, staging } = currentNames(spec);
    const model = quoteText(`current_${spec.tail}`);
    // A truncate names one partition.
    const leaf = spec.columns.some(({ name }) => name === 'tableoid')
        ? {
              rows: `\n    where tableoid = (select tableoid from ${staging} where _seq = new._seq)`,
              counts: `\n        and (select tableoid from ${staging} where _seq = rowless_seq)
            = (select tableoid from ${staging} where _seq = new._seq)`,
          }
        : { rows: '', counts: '' };
    return foldTrigger(spec, 'truncate', "new._op = 'truncate'", [
        `delete from ${current}${leaf.rows};`,
        `-- From here on every row comes.
    update elt_watermarks
    set rowless = 0, rowless_seq = null
    where model = ${model}${leaf.counts};`,
    ]);
}

/** Counts a change that names a row which has not come: the table lacks its first contents. */
function countRowless(spec: CurrentSpec, condition?: string): string {
    const { foldView } = currentNames(spec);
    return `-- A row from before the slot.
    update elt_watermarks
    set rowless = rowless + 1, rowless_seq = coalesce(rowless_seq, new._seq)
    where model = ${quoteText(`current_${spec.tail}`)}${
        condition === undefined
            ? ''
            : `
        and ${condition}`
    }
        and (select _row from ${foldView} where _seq = new._seq) is null;`;
}

/** Rows from before a change of the key were left out, because updates send them again: those bring whole rows. */
function isSentAgain({ history }: CurrentSpec): boolean {
    return history?.decisions.some(({ rows }) => rows === 'anew') === true;
}

/** What the file cannot find a row by is never folded as if there were none. */
function stop(spec: CurrentSpec): string {
    const { foldView } = currentNames(spec);
    const isNull = (key: readonly string[]): string => key.map((name) => `${quoteName(name)} is null`).join(' or ');
    const [own = [], ...earlier] = allKeys(spec).map((key) => ({ label: keyLabel(key), isNull: isNull(key) }));
    const cases = earlier.map(({ label, isNull: sql }) => `when ${label} then ${sql} `).join('');
    const nameless =
        'isNull' in own ? (earlier.length === 0 ? `(${own.isNull})` : `case _key ${cases}else ${own.isNull} end`) : '';
    return foldTrigger(
        spec,
        'stop',
        `new._op = 'stop' or (
    new._op = 'delete' and exists (select 1 from ${foldView} where _seq = new._seq and ${nameless})
)`,
        [`select raise(abort, ${quoteText(stopText(spec, 'other key', spec.key))});`],
    );
}
