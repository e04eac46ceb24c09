import type { Random } from '../support/random.ts';
import { qualified, type Relation } from './relation.ts';
import { identifier } from './value-type.ts';

/**
 * Gives columns defaults. wal2json writes them without JSON's escapes (option `include-default`), so the odder the
 * better. Two kinds make it uncertain where a record ends, so that it is put aside: a line feed tears the line in two, and
 * `{"change":` looks like the next record behind a torn one.
 */
export function defaultsSql(relation: Relation, random: Random): string {
    const columns = relation.columns.filter((column) => column.generated === undefined).slice(0, 50);
    return columns
        .flatMap((column) => {
            const odd = column.type.odd.filter((sql) => !hasControlCharacter(sql) && !sql.includes('{"change":'));
            return odd.length === 0 || random.chance(30)
                ? []
                : [
                      `alter table ${qualified(relation)} alter ${identifier(column.name)} set default ${random.pick(odd)};`,
                  ];
        })
        .join('\n');
}

function hasControlCharacter(sql: string): boolean {
    return [...sql].some((character) => character < ' ' || character === '\x7f') || /\\[nrtbfux]/i.test(sql);
}
