import type { Dialect } from './dialect.ts';

/** Apache Spark SQL 4: https://spark.apache.org/docs/latest/sql-ref.html */
export const sparkDialect: Dialect = {
    engine: 'spark',
    name: (name) => `\`${name.replaceAll('`', '``')}\``,
    // Spark reads backslash escapes.
    text: (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`,
    type: (type) => ({ INTEGER: 'bigint', REAL: 'double', TEXT: 'string', ANY: 'string' })[type],
    declared: (type) => sparkDialect.type(type),
    view: (name, select) => `create or replace temporary view ${sparkDialect.name(name)} as\n${select}`,
    keep: (name, select) => `create table ${sparkDialect.name(name)} using parquet as\n${select}`,
    latest: (value, order, condition) =>
        `max_by(${value}, ${order})${condition === undefined ? '' : ` filter (where ${condition})`}`,
    // A window over all rows would bring them to one machine.
    numbered: 'monotonically_increasing_id()',
    lacksNot: (absent, label) => `instr(${absent}, ${sparkDialect.text(label)}) = 0`,
    byBytes: (text) => text,
    divided: (left, right) => `(${left} div ${right})`,
    truncated: (real) => `cast(${real} as bigint)`,
    placeIn: (text, part) => `instr(${text}, ${part})`,
    matches: (text, pattern) => `(${text} rlike ${sparkDialect.text(`(?s)\\A(?:${pattern})\\z`)})`,
    same: (left, right) => `${left} is not distinct from ${right}`,
    hasPlainSubqueries: true,
    refuse: (message, from) => `select assert_true(count(*) = 0, ${sparkDialect.text(message)})\nfrom ${from}`,
};
