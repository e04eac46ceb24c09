import { createHash } from 'node:crypto';
import { quoteName, quoteText } from '../../sql/quote.ts';
import { currentHeadText } from './current-head.ts';
import { currentNames, declaredType } from './current-names.ts';
import type { CurrentSpec } from './current-spec.ts';
import { foldStatements } from './fold-statements.ts';
import { foldTriggers } from './fold-triggers.ts';
import { foldView } from './fold-view.ts';
import { allKeys } from './key-history.ts';
import { keyTriggers } from './key-triggers.ts';

/**
 * The SQL file of a current table: table, changed table with its triggers, fold.
 * This formulation was measured to be correct in every case: a view of changes with INSTEAD OF triggers whose
 * conditions exclude each other (SQLite does not define the order of several triggers), and one insert in order of
 * `_seq`.
 */
export function currentSql(spec: CurrentSpec): string {
    const triggers = spec.history === undefined ? foldTriggers(spec) : `${foldTriggers(spec)}\n${keyTriggers(spec)}`;
    const body = [tables(spec), imageTriggers(spec), foldView(spec), triggers, foldStatements(spec)].join('\n');
    return `${currentHeadText(spec)}-- scaffold: ${scaffoldHash(body)}\n\n${body}`;
}

/** Hash of everything below the line that holds it: a file whose hash matches has not been edited. */
export function scaffoldHash(body: string): string {
    return createHash('sha256').update(body.trim()).digest('hex').slice(0, 16);
}

/** Whether a file is still as `elt scaffold` wrote it. */
export function isUnedited(text: string): boolean {
    const match = /^-- scaffold: ([0-9a-f]{16})$/m.exec(text);
    return match !== null && scaffoldHash(text.slice(match.index + match[0].length)) === match[1];
}

function tables(spec: CurrentSpec): string {
    const { current, changed } = currentNames(spec);
    // Where the key has changed, a row may lack columns of one key while it is named by another.
    const required = spec.history === undefined ? spec.key : [];
    const columns = spec.columns.map(({ name, type }) => {
        return `    ${quoteName(name)} ${declaredType(type)}${required.includes(name) ? ' not null' : ''}`;
    });
    return `create table if not exists ${current} (
${columns.join(',\n')}
) strict;

${keyIndexes(spec)}
-- What the last run changed: each row that it touched, as it was ('old') and as it is ('new').
create table if not exists ${changed} as
select cast(0 as integer) as _tick, cast('' as text) as _op, cast('' as text) as _image, ${current}.*
from ${current}
where false;
`;
}

function keyIndexes(spec: CurrentSpec): string {
    const { current, keyIndex } = currentNames(spec);
    const on = (key: readonly string[]): string => `on ${current} (${key.map(quoteName).join(', ')});\n`;
    if (spec.history === undefined) {
        return `create unique index if not exists ${keyIndex}\n${on(spec.key)}`;
    }
    const indexes = allKeys(spec).map((key, number) => {
        const name = number === 0 ? keyIndex : quoteName(`key_${spec.tail}_${number + 1}`);
        return `create index if not exists ${name}\n${on(key)}`;
    });
    return `-- Each was the key for a part of the history only, so none is unique throughout.\n${indexes.join('\n')}`;
}

function imageTriggers(spec: CurrentSpec): string {
    const { current, changed } = currentNames(spec);
    const trigger = (word: string, event: string, op: string, image: 'old' | 'new'): string => {
        const name = quoteName(`current_${spec.tail}_${word}`);
        return `drop trigger if exists ${name};
create trigger ${name} ${event} on ${current}
when (select recording from elt_watermarks where model = ${quoteText(`current_${spec.tail}`)})
begin
    insert into ${changed}
    select tick, ${quoteText(op)}, ${quoteText(image)}, touched.*
    from elt_clock cross join ${current} as touched on touched.rowid = ${image}.rowid;
end;
`;
    };
    return [
        trigger('inserted', 'after insert', 'insert', 'new'),
        trigger('updating', 'before update', 'update', 'old'),
        trigger('updated', 'after update', 'update', 'new'),
        trigger('deleting', 'before delete', 'delete', 'old'),
    ].join('\n');
}
