import { describe, expect, test } from 'vitest';
import { parseSelect } from '../../../src/sql/grammar/parse-select.ts';
import { undeterminedNotes } from '../../../src/transform/marts/undetermined-notes.ts';

/** What SQLite may answer in several ways is named, and nothing that follows the advice is. */

const notesOf = (sql: string): readonly string[] => {
    const parsed = parseSelect(sql);
    if (parsed === undefined) {
        throw new Error(`not parsed: ${sql}`);
    }
    return undeterminedNotes(parsed, []);
};
const sorted = '(select sku from line order by no)';

describe('a list', () => {
    test.each([
        ['sorted inside it', 'select group_concat(sku order by no) from line'],
        ['of a subquery that sorts', `select group_concat(sku, ',') as skus from ${sorted}`],
        ['in an expression, of a subquery that sorts', `select coalesce(upper(group_concat(sku)), '') from ${sorted}`],
        ['in a scalar subquery', `select id, (select json_group_array(sku) from ${sorted} as l) as skus from orders`],
    ])('%s has one order', (_, sql) => {
        expect(notesOf(sql)).toEqual([]);
    });

    test.each([
        ['of a table', 'select group_concat(sku) from line'],
        ['of a subquery that does not sort', 'select group_concat(sku) from (select sku from line)'],
        ['of groups', `select sku, group_concat(sku) from ${sorted} group by sku`],
        ['of a join', `select group_concat(sku) from ${sorted} join orders`],
        ['inside the subquery that sorts', 'select a from (select group_concat(sku) as a from line order by 1)'],
        ['beside one that is sorted', `select (select group_concat(sku) from line) from ${sorted}`],
    ])('%s has none', (_, sql) => {
        expect(notesOf(sql)).toEqual([expect.stringContaining('in an order that nothing fixes')]);
    });
});
