import type { Dialect } from './dialect.ts';
import { escapedText } from './escaped-text.ts';

/** PostgreSQL 15 and later, as `psql -f` runs it; text is compared by bytes, as SQLite compares it. */
export const postgresDialect: Dialect = {
    engine: 'postgres',
    name: (name) => `"${name.replaceAll('"', '""')}"`,
    text: escapedText,
    type: (type) => ({ INTEGER: 'bigint', REAL: 'double precision', TEXT: 'text', ANY: 'text' })[type],
    declared: (type) => `${postgresDialect.type(type)}${type === 'TEXT' || type === 'ANY' ? ' collate "C"' : ''}`,
    view: (name, select) => `create or replace temporary view ${postgresDialect.name(name)} as\n${select}`,
    // A table that was not analysed is planned as if it had a few rows, or as many as fill its pages.
    keep: (name, select) => {
        const table = postgresDialect.name(name);
        return `create temporary table ${table} as\n${select};\nanalyze ${table}`;
    },
    latest: (value, order, condition) =>
        `(array_agg(${value} order by ${order} desc)${condition === undefined ? '' : ` filter (where ${condition})`})[1]`,
    numbered: 'row_number() over ()',
    lacksNot: (absent, label) => `strpos(${absent}, ${postgresDialect.text(label)}) = 0`,
    byBytes: (text) => `(${text} collate "C")`,
    divided: (left, right) => `(${left} / ${right})`,
    truncated: (real) => `cast(trunc(${real}) as bigint)`,
    placeIn: (text, part) => `strpos(${text}, ${part})`,
    matches: (text, pattern) => `(${text} ~ ${postgresDialect.text(`^(?:${pattern})$`)})`,
    same: (left, right) => `${left} is not distinct from ${right}`,
    hasPlainSubqueries: false,
    refuse: (message, from) => `do $elt$
begin
    if exists (select from ${from}) then
        raise exception using message = ${postgresDialect.text(message)};
    end if;
end
$elt$`,
};
