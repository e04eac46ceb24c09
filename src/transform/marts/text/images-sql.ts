import { quoteName, quoteText, wrapList } from '../../../sql/quote.ts';
import type { MartColumn } from './upkeep-spec.ts';

/**
 * The rows of a mart that a run touched, for the marts that read it: as they were ('old') and as they are ('new'). The
 * triggers are made behind a first fill, which nobody need be told of row by row.
 */
export function imagesSql(model: string, images: string, columns: readonly MartColumn[]): string {
    const trigger = (word: string, event: string, which: readonly ('old' | 'new')[]): string => {
        const name = quoteName(`${model}_${word}`);
        return `drop trigger if exists ${name};
create trigger ${name} after ${event} on ${quoteName(model)}
when (select recording from elt_watermarks where model = ${quoteText(model)})
begin
${which.map((image) => imageSql(images, event, image, columns)).join('\n')}
end;`;
    };
    return [
        `-- What this run changes, for the marts that read this one.
create table if not exists ${quoteName(images)} (
    _tick integer not null,
    _op text not null,
    _image text not null,
${columns.map(({ name, type }) => `    ${quoteName(name)} ${type}`).join(',\n')}
) strict;`,
        trigger('inserted', 'insert', ['new']),
        trigger('updated', 'update', ['old', 'new']),
        trigger('deleted', 'delete', ['old']),
    ].join('\n\n');
}

function imageSql(images: string, event: string, image: 'old' | 'new', columns: readonly MartColumn[]): string {
    const values = columns.map(({ name }) => `${image}.${quoteName(name)}`);
    return `    insert into ${quoteName(images)}
    select
${wrapList(['tick', quoteText(event), quoteText(image), ...values], '        ')}
    from elt_clock;`;
}
