/** A rule of the generator of upkeep taken out: `find` stands once in the file, and `instead` takes its place. */
export interface RuleMutant {
    /** Which rule, in words. */
    readonly rule: string;
    /** Below `src/transform/marts/`. */
    readonly file: string;
    readonly find: string;
    readonly instead: string;
    /** What gives it away: keys that are missed, a narrowed SELECT with other rows, or a mart with other rows. */
    readonly check: 'keys' | 'narrowing' | 'upkeep';
    /** Why it may survive. */
    readonly explanation?: string;
}

const OF_TYPES =
    'SQLite promises nothing of how columns of a union compare whose sides have different types: this version compares them as the first side';

/** Rules that find the keys which changed rows reach. */
const OF_ARMS: readonly RuleMutant[] = [
    {
        rule: 'rows as they were',
        file: 'arms/print-arm.ts',
        find: '        : [];\n}\n\nfunction listed',
        instead: `        : occurrence.kind === 'table' ? [\`\${alias}._image = 'new'\`] : [];\n}\n\nfunction listed`,
        check: 'keys',
    },
    {
        rule: 'rows as they are',
        file: 'arms/print-arm.ts',
        find: '        : [];\n}\n\nfunction listed',
        instead: `        : occurrence.kind === 'table' ? [\`\${alias}._image = 'old'\`] : [];\n}\n\nfunction listed`,
        check: 'keys',
    },
    {
        rule: 'staging: what has landed since',
        file: 'arms/print-arm.ts',
        find: `_seq > (select watermark from elt_watermarks where model = \${quoteText(model)})\``,
        instead: '_seq > (select whole_seq from elt_stream)`',
        check: 'keys',
    },
    {
        rule: 'inner join: a row of the second table changes',
        file: 'rules/join-tables.ts',
        find: '...pairs(left.rows, right.changes)',
        instead: '',
        check: 'keys',
    },
    {
        rule: 'inner join: a row of the first table changes',
        file: 'rules/join-tables.ts',
        find: '...pairs(left.changes, right.rows), ',
        instead: '',
        check: 'keys',
    },
    {
        rule: 'left join: a match comes or goes',
        file: 'rules/join-tables.ts',
        find: '        changes.push(...maybeNull(left.rows, side, match, reading));\n',
        instead: '',
        check: 'keys',
    },
    {
        rule: 'left join: a row that stays changes',
        file: 'rules/join-tables.ts',
        find: '        changes.push(...optionally(left.changes, side, match, reading));\n',
        instead: '',
        check: 'keys',
    },
    {
        rule: 'right and full join: a match comes or goes',
        file: 'rules/join-tables.ts',
        find: '        changes.push(...maybeNull(right.rows, side, swapped, reading));\n',
        instead: '',
        check: 'keys',
    },
    {
        rule: 'right and full join: a row that stays changes',
        file: 'rules/join-tables.ts',
        find: '        changes.push(...optionally(right.changes, side, swapped, reading));\n',
        instead: '',
        check: 'keys',
    },
    {
        rule: 'outer join: with a match, and with nulls',
        file: 'rules/join-tables.ts',
        find: 'return { ...both, way: withOptional(both.way, both.way, members) };',
        instead: 'return { ...both, way: members.size > 0 ? both.way : both.way };',
        check: 'keys',
    },
    {
        rule: 'outer join: a way without the match',
        file: 'rules/way.ts',
        find: 'return [matched, unmatched].filter(isPossible)',
        instead: 'return [matched].filter(isPossible)',
        check: 'keys',
    },
    {
        rule: 'outer join: a way with the match',
        file: 'rules/way.ts',
        find: 'return [matched, unmatched].filter(isPossible)',
        instead: 'return [unmatched].filter(isPossible)',
        check: 'keys',
    },
    {
        rule: 'natural joins: the merged column is the first one',
        file: 'rules/join-tables.ts',
        find: 'merged.set(name, one);',
        instead: 'merged.set(name, other);',
        check: 'keys',
    },
    {
        rule: 'null logic: what is null is not true',
        file: 'rules/null-logic.ts',
        find: 'return { ...NEVER_NULL, trueOnlyWith: part === undefined || part.mayBeNull ? undefined : part.nullWith };',
        instead: 'return { ...NEVER_NULL, untrueWith: part?.nullWith ?? NOBODY };',
        check: 'keys',
    },
    {
        rule: 'null logic: one side of an or may hold',
        file: 'rules/null-logic.ts',
        find: 'untrueWith: new Set([...untrue(before)].filter((id) => untrue(after).has(id)))',
        instead: 'untrueWith: union(untrue(before), untrue(after))',
        check: 'keys',
    },
    {
        rule: 'null logic: coalesce takes the next',
        file: 'rules/null-logic.ts',
        find: 'return { ...UNKNOWN, mayBeNull: !args.some((one) => isNeverNull(value(one))) };',
        instead: 'return { ...strict(args.map(value)), mayBeNull: !args.some((one) => isNeverNull(value(one))) };',
        check: 'keys',
    },
    {
        rule: 'subqueries: a row that one reads changes',
        file: 'rules/core-relation.ts',
        find: '[...where(from.changes), ...through]',
        instead: '[...where(from.changes), ...through.slice(through.length)]',
        check: 'keys',
    },
    {
        rule: 'subqueries: of a limit any row matters',
        file: 'rules/subqueries.ts',
        find: 'sought === undefined || subquery.select.limit !== undefined',
        instead: 'sought === undefined',
        check: 'keys',
    },
    {
        rule: 'in: a null in the set, and a null that is sought',
        file: 'rules/subqueries.ts',
        find: '        ...nulls.flatMap((value) =>',
        instead: '        ...nulls.slice(nulls.length).flatMap((value) =>',
        check: 'keys',
    },
    {
        rule: 'in: only a condition by itself may take null for false',
        file: 'rules/subqueries.ts',
        find: 'isPositive: mustHold && node === top && !node.not',
        instead: 'isPositive: mustHold || node === top',
        check: 'keys',
    },
    {
        rule: 'limit: any row may push out any other',
        file: 'rules/select-relation.ts',
        find: 'return select.limit === undefined || around.asksRowsOnly',
        instead: 'return select.limit === undefined || select.limit !== undefined || around.asksRowsOnly',
        check: 'keys',
    },
    {
        rule: 'recursive CTE: any row may change any other',
        file: 'rules/select-relation.ts',
        find: 'relations.flatMap((relation) => relation.changes)',
        instead: 'relations.flatMap((relation) => relation.changes.slice(relation.changes.length))',
        check: 'keys',
    },
    {
        rule: 'union: rows of each side',
        file: 'rules/select-relation.ts',
        find: 'changes: same.flatMap((side) => side.changes.map(asOne))',
        instead: 'changes: same.slice(0, 1).flatMap((side) => side.changes.map(asOne))',
        check: 'keys',
    },
    {
        rule: 'union: sides of different types',
        file: 'rules/select-relation.ts',
        find: 'return affinities.size === 1 && only !== undefined ? only',
        instead: 'return only !== undefined ? only',
        check: 'keys',
        explanation: OF_TYPES,
    },
    {
        rule: 'windows: the others of the partition',
        file: 'rules/core-relation.ts',
        find: '...inWindows.map(result.row)]',
        instead: '...inWindows.slice(inWindows.length).map(result.row)]',
        check: 'keys',
    },
    {
        rule: 'windows: nulls are one partition',
        file: 'rules/windows.ts',
        find: "equalityOf(one, two, 'is')",
        instead: "equalityOf(one, two, '=')",
        check: 'keys',
    },
    {
        rule: 'windows: of grouped rows only their group is theirs',
        file: 'rules/windows.ts',
        find: 'const isTheirs = one !== null && (grouped === undefined || isConstantOrOf(one, grouped));',
        instead: 'const isTheirs = one !== null && (grouped === undefined || isConstantOrOf(one, grouped) || true);',
        check: 'keys',
    },
    {
        rule: 'groups: a column that the group does not decide is no key',
        file: 'rules/core-relation.ts',
        find: 'value && (grouped === undefined || followsFrom(value, grouped)) ? value : null',
        instead: 'value && (grouped === undefined || followsFrom(value, grouped) || true) ? value : null',
        check: 'keys',
    },
    {
        rule: 'an aggregate of everything: any row changes it',
        file: 'rules/core-relation.ts',
        find: 'changes: changes.map((change) => ({\n            way: { ...change.way, why:',
        instead: 'changes: changes.slice(changes.length).map((change) => ({\n            way: { ...change.way, why:',
        check: 'keys',
    },
    {
        rule: 'keys of several tables: several changed at once',
        file: 'arms/plan-arms.ts',
        find: 'return subsets(others).map((more)',
        instead: 'return subsets(others).slice(0, 1).map((more)',
        check: 'keys',
    },
    {
        rule: 'one way for all tables: from the changed row nearest to the key',
        file: 'arms/plan-arms.ts',
        find: 'const next = paths.toward(roots.keys());',
        instead: 'const next = paths.toward([[...roots.keys()].find((id) => id !== start) ?? start]);',
        check: 'keys',
    },
    {
        rule: 'equal columns: of one declared type only',
        file: 'arms/equal-columns.ts',
        find: 'if (equal === undefined || equal[0].type !== equal[1].type) {',
        instead: 'if (equal === undefined) {',
        check: 'keys',
    },
    {
        rule: 'equal columns: what follows by way of an is, is an is',
        file: 'arms/equal-columns.ts',
        find: "isWeak ? 'is' : '='",
        instead: "'='",
        check: 'keys',
    },
    {
        rule: 'a key of several types',
        file: 'arms/plan-arms.ts',
        find: "return value === undefined || value?.affinity === 'mixed' ? null : value;",
        instead: 'return value === undefined ? null : value;',
        check: 'keys',
        explanation: OF_TYPES,
    },
    {
        rule: 'a table whose changes nobody records',
        file: 'rules/table-relation.ts',
        find: 'return [ranRow(images.model, names, reading)];',
        instead: 'return [ranRow(images.model, names, reading)].slice(1);',
        check: 'keys',
    },
    {
        rule: 'table functions: the row of the document changes',
        file: 'rules/table-function.ts',
        find: "changes: beside(left.changes, 'changes'),",
        instead: 'changes: [],',
        check: 'keys',
    },
    {
        rule: 'table functions: arguments of two tables that changed at once',
        file: 'arms/plan-arms.ts',
        find: 'return (next.has(start) ? withArguments(arm) : undefined) ?? [all];',
        instead: 'return next.has(start) ? [arm] : [all];',
        check: 'keys',
    },
    {
        rule: 'collations that make one text of several',
        file: 'rules/refuse-collations.ts',
        find: "child.collation.toLowerCase() !== 'binary' && !isCompared",
        instead: "child.collation.toLowerCase() === 'none' && !isCompared",
        check: 'upkeep',
    },
    {
        rule: 'collations of a table',
        file: 'rules/table-relation.ts',
        find: 'if (table.isCollated) {',
        instead: "if (table.isCollated && table.name === '') {",
        check: 'upkeep',
    },
    {
        rule: 'keys that may be null',
        file: 'plan-upkeep.ts',
        find: 'keyMayBeNull: keyed.length > 0 && found.keyMayBeNull,',
        instead: 'keyMayBeNull: keyed.length < 0 && found.keyMayBeNull,',
        check: 'upkeep',
    },
];

/** Rules that ask the SELECT for keys alone. */
const OF_NARROWING: readonly RuleMutant[] = [
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

export const RULE_MUTANTS: readonly RuleMutant[] = [...OF_ARMS, ...OF_NARROWING];
