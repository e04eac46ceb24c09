import type { RuleMutant } from './rule-mutant.ts';

/** Rules that ask the SELECT for keys alone. */
export const NARROWING_MUTANTS: readonly RuleMutant[] = [
    {
        rule: 'narrowing: whole partitions',
        file: 'narrow/narrow-select.ts',
        find: '    if (partition === undefined) {\n        return among;',
        instead: '    if (partition === undefined || partition.length > 0) {\n        return among;',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: the partition of nulls',
        file: 'narrow/narrow-select.ts',
        find: `\\n        or \${nulls.join(' or ')}\\n    )\``,
        instead: `\\n        or \${nulls.join(' or ') === '' ? 'true' : 'false'}\\n    )\``,
        check: 'narrowing',
    },
    {
        rule: 'narrowing: not below a limit',
        file: 'narrow/narrow-select.ts',
        find: 'if (select.limit === undefined) {\n            const sides',
        instead: 'if (select.limit === undefined || isExact === false) {\n            const sides',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: only what rows are grouped by',
        file: 'narrow/core-key.ts',
        find: 'isGrouped(core, schema) ? told.filter(',
        instead: 'isGrouped(core, schema) && told.length < 0 ? told.filter(',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: a key that each window is partitioned by',
        file: 'narrow/core-key.ts',
        find: 'keysOf.every((partition) => partition.has(wordKey(one)))',
        instead: 'keysOf.some((partition) => partition.has(wordKey(one)))',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: windows that share one partition',
        file: 'narrow/core-key.ts',
        find: '.join())).size === 1;',
        instead: '.join())).size >= 1;',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: nothing of a recursive CTE',
        file: 'narrow/narrow-select.ts',
        find: 'if (through === undefined || inner.isRecursive) {',
        instead: 'if (through === undefined) {',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: a CTE that is used once',
        file: 'narrow/narrow-select.ts',
        find: 'this.#uses(inner.select) === 1',
        instead: 'this.#uses(inner.select) >= 1',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: what is not exact is asked again from outside',
        file: 'narrow/narrow-select.ts',
        find: '.every(Boolean);',
        instead: '.some((side) => side || sides.length > 0);',
        check: 'narrowing',
    },
    {
        rule: 'narrowing: conditions of a left join hold for its own side only',
        file: 'narrow/from-items.ts',
        find: '[...inner, ...on],\n        isOuter',
        instead: '[...inner, ...tables.flatMap((one) => one.on)],\n        isOuter',
        check: 'narrowing',
    },
];
