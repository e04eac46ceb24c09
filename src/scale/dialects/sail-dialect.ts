import type { Dialect } from './dialect.ts';
import { sparkDialect } from './spark-dialect.ts';

/** Sail speaks Spark's SQL: https://docs.lakesail.com/sail/latest/guide/ */
export const sailDialect: Dialect = {
    ...sparkDialect,
    engine: 'sail',
    // A join by "is not distinct from" compares each row with each; by these two, as Spark itself rewrites it, it has keys.
    same: (left, right, zero) =>
        `(coalesce(${left}, ${zero}) = coalesce(${right}, ${zero}) and (${left} is null) = (${right} is null))`,
};
