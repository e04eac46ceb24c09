import { describe, expect, test } from 'vitest';
import { QUERIES } from './select-world.ts';
import { differentHistories, differentValues } from './spark-questions.ts';
import { onSail, type SparkProgram } from './spark-rows.ts';

/** Spark's dialect on Sail, which starts in a second; `npm run scale` asks the same of Spark. */

/** What Sail 0.7 cannot plan, and says so. */
const REFUSED_BY_SAIL: readonly string[] = [
    'select id, (select count(*) from things as other where other.n < things.n) as v from things',
    'select distinct n is null as missing from things',
];

const sail = onSail();

describe.skipIf(sail === undefined)('Sail', () => {
    test('has SQLite’s values', async () => {
        const queries = QUERIES.filter((query) => !REFUSED_BY_SAIL.includes(query));
        expect(queries.length).toBe(QUERIES.length - REFUSED_BY_SAIL.length);
        expect(await differentValues(sail as SparkProgram, queries)).toEqual([]);
    });

    test('folds as elt does', async () => {
        expect(await differentHistories(sail as SparkProgram, 15)).toEqual([]);
    });
});
