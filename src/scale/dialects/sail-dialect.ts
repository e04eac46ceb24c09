import type { Dialect } from './dialect.ts';
import { sparkDialect } from './spark-dialect.ts';

/** Sail speaks Spark's SQL: https://docs.lakesail.com/sail/latest/guide/ */
export const sailDialect: Dialect = {
    ...sparkDialect,
    engine: 'sail',
};
