import type { Dialect } from './dialect.ts';
import { escapedText } from './escaped-text.ts';

/** DuckDB 1.5: https://duckdb.org/docs/stable/sql/introduction */
export const duckdbDialect: Dialect = {
    engine: 'duckdb',
    name: (name) => `"${name.replaceAll('"', '""')}"`,
    text: escapedText,
    type: (type) => ({ INTEGER: 'bigint', REAL: 'double', TEXT: 'varchar', ANY: 'varchar' })[type],
    declared: (type) => duckdbDialect.type(type),
    view: (name, select) => `create or replace temporary view ${duckdbDialect.name(name)} as\n${select}`,
    keep: (name, select) => `create or replace temporary table ${duckdbDialect.name(name)} as\n${select}`,
    // max_by leaves out rows whose value is null.
    latest: (value, order, condition) =>
        `arg_max_null(${value}, ${order})${condition === undefined ? '' : ` filter (where ${condition})`}`,
    numbered: 'row_number() over ()',
    lacksNot: (absent, label) => `instr(${absent}, ${duckdbDialect.text(label)}) = 0`,
    byBytes: (text) => text,
    divided: (left, right) => `(${left} // ${right})`,
    truncated: (real) => `cast(trunc(${real}) as bigint)`,
    placeIn: (text, part) => `instr(${text}, ${part})`,
    matches: (text, pattern) => `regexp_full_match(${text}, ${duckdbDialect.text(pattern)}, 's')`,
    same: (left, right) => `${left} is not distinct from ${right}`,
    hasPlainSubqueries: false,
    refuse: (message, from) =>
        `select case when count(*) > 0 then error(${duckdbDialect.text(message)}) end\nfrom ${from}`,
};
