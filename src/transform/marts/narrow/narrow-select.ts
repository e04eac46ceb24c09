import type { ParsedSelect } from '../../../sql/grammar/parse-select.ts';
import type { SqlCore, SqlSelect } from '../../../sql/grammar/sql-nodes.ts';
import { countNamed, nodeEnd, nodeText, walkNodes } from '../../../sql/grammar/walk-nodes.ts';
import { indentLines } from '../../../sql/indent-lines.ts';
import type { SchemaFacts, WantedIndex } from '../rules/schema-facts.ts';
import { type CoreKey, keyOfCore } from './core-key.ts';
import { type FromItem, fromItems, type NamedSelect, type Names, namesInside } from './from-items.ts';
import { needsNarrowing, type Uses } from './is-flat.ts';
import { isAmong, type KeySet } from './key-set.ts';
import { keysThrough } from './keys-through.ts';
import { TextEdits } from './text-edits.ts';
import { wantedIndexes } from './wanted-indexes.ts';

/** A SELECT that is asked for some keys only. */
export interface NarrowedSelect {
    readonly text: string;
    /** It gives rows of those keys alone; else it is to be asked for them once more from outside. */
    readonly isExact: boolean;
    /** What is computed in full, and why. */
    readonly wide: readonly string[];
    /** What finds the rows of the keys. */
    readonly indexes: readonly WantedIndex[];
}

interface Within {
    readonly text: string;
    readonly names: Names;
    readonly edits: TextEdits;
    /** What a person would call the SELECT. */
    readonly title: string;
}

/**
 * Puts the condition on the keys where SQLite does not carry it by itself: into groups, windows, unions, and into the
 * subqueries behind them. Text is put in by position, and nothing else of the SELECT changes. What cannot be narrowed
 * stays as it is: right, and more expensive.
 */
export function narrowSelect(
    parsed: ParsedSelect,
    places: readonly number[],
    keys: KeySet,
    schema: SchemaFacts,
): NarrowedSelect {
    const narrowing = new Narrowing(parsed.select, schema);
    const { isExact, text } = narrowing.select(
        { ...parsed, names: new Map(), isCte: false, isMaterialized: false, isRecursive: false },
        places,
        keys,
        'the mart',
    );
    return { text, isExact, wide: [...narrowing.wide], indexes: narrowing.indexes };
}

class Narrowing {
    readonly wide = new Set<string>();
    readonly indexes: WantedIndex[] = [];
    readonly #root: SqlSelect;
    readonly #schema: SchemaFacts;

    constructor(root: SqlSelect, schema: SchemaFacts) {
        this.#root = root;
        this.#schema = schema;
    }

    /** The text of a SELECT whose columns at `places` are asked for among the keys. */
    select(
        named: NamedSelect,
        places: readonly (number | undefined)[],
        keys: KeySet,
        title: string,
    ): { readonly text: string; readonly isExact: boolean } {
        const { select, text } = named;
        const edits = new TextEdits();
        const within: Within = { text, names: namesInside(select, text, named.names), edits, title };
        let isExact = false;
        if (select.limit === undefined) {
            const sides = [select.select, ...(select.compounds ?? []).map((compound) => compound.select)];
            isExact = sides.map((core) => this.#core(core, places, keys, within)).every(Boolean);
        } else {
            this.wide.add(`${title}: a limit looks at all rows`);
        }
        return { text: edits.applied(text, select.span.offset, nodeEnd(select)), isExact };
    }

    /** Narrows one side of a union; whether it gives rows of the keys alone. */
    #core(core: SqlCore, places: readonly (number | undefined)[], keys: KeySet, within: Within): boolean {
        if (core.type === 'SelectValues') {
            return false;
        }
        const { text, names, edits, title } = within;
        const items = fromItems(core.from, text, names, this.#schema);
        if (items === undefined) {
            this.wide.add(`${title}: joined tables in parentheses`);
            return false;
        }
        const key = keyOfCore(core, items, places, text, this.#schema);
        if ('problem' in key) {
            this.wide.add(`${title}: ${key.problem}`);
            return false;
        }
        addCondition(core, conditionOf(core, key, keys, text), edits);
        this.indexes.push(...wantedIndexes(key, items, text, this.#schema));
        if (key.partition === undefined) {
            for (const item of items.filter((one) => needsNarrowing(one, this.#uses, this.#schema))) {
                this.#item(item, items, core, key, keys, within);
            }
        } else if (items.some((one) => needsNarrowing(one, this.#uses, this.#schema))) {
            this.wide.add(`${title}: what its partitions are read from`);
        }
        return key.partition === undefined && key.expressions.length === places.length;
    }

    /** Narrows what a subquery, a CTE or a view of a FROM clause gives. */
    #item(item: FromItem, items: readonly FromItem[], core: SqlCore, key: CoreKey, keys: KeySet, within: Within): void {
        const through = keysThrough(item, items, core, key, keys, within.text, this.#schema);
        const inner = item.inner as NamedSelect;
        if (through === undefined || inner.isRecursive) {
            this.wide.add(
                `${item.alias}: ${inner.isRecursive ? 'it is recursive' : 'no equal column leads to it from the key'}`,
            );
            return;
        }
        const { text } = this.select(inner, through.places, through.keys, item.alias);
        const { edits } = within;
        if (
            item.table.type === 'SelectSelectTable' ||
            (inner.isCte && this.#uses(inner.select) === 1 && inner.text === within.text)
        ) {
            edits.replace(inner.select.span.offset, nodeEnd(inner.select), text);
        } else if (item.table.type === 'TableSelectTable') {
            const { tblName, alias, indexed } = item.table;
            const name = nodeText(within.text, tblName.objName);
            const renamed =
                inner.columns === undefined
                    ? text
                    : `with ${name} (${inner.columns.map((one) => `"${one.replaceAll('"', '""')}"`).join(', ')}) as (\n${text}\n)\nselect * from ${name}`;
            edits.replace(
                tblName.span.offset,
                nodeEnd(tblName),
                `(\n${renamed}\n)${alias === undefined ? ` as ${name}` : ''}`,
            );
            if (indexed !== undefined) {
                edits.replace(indexed.span.offset, nodeEnd(indexed), '');
            }
        }
    }

    /** How often a CTE is used in the whole mart. */
    readonly #uses: Uses = (select) => {
        let name: string | undefined;
        walkNodes(this.#root, (node) => {
            if (node.type === 'CommonTableExpr' && node.select === select) {
                name = node.tblName.text;
            }
            return name === undefined;
        });
        return name === undefined ? 1 : countNamed(this.#root, name);
    };
}

type SelectFrom = Extract<SqlCore, { type: 'SelectFrom' }>;

function conditionOf(core: SelectFrom, { expressions, partition }: CoreKey, keys: KeySet, text: string): string {
    const among = isAmong(expressions, keys);
    if (partition === undefined) {
        return among;
    }
    // Whole partitions: `in` knows no null, so the partition of nulls is always looked at.
    const columns = partition.map((one) => nodeText(text, one)).join(', ');
    const from = core.from === undefined ? '' : nodeText(text, core.from);
    const where = core.whereClause === undefined ? '' : `(${nodeText(text, core.whereClause)})\n        and `;
    const list = partition.length === 1 ? columns : `(${columns})`;
    const nulls = partition.map((one) => `(${nodeText(text, one)}) is null`);
    return `(\n        (${list}) in (\n        select ${columns}\n        ${from}\n        where ${where}${indentLines(among, '        ')}\n    )\n        or ${nulls.join(' or ')}\n    )`;
}

function addCondition(core: SelectFrom, condition: string, edits: TextEdits): void {
    const { whereClause, from, columns } = core;
    if (whereClause === undefined) {
        const last = columns.at(-1);
        const end = from === undefined ? (last === undefined ? nodeEnd(core) : nodeEnd(last)) : nodeEnd(from);
        edits.insert(end, `\nwhere ${condition}`);
        return;
    }
    const isOr = whereClause.type === 'BinaryExpr' && whereClause.op === 'Or';
    if (isOr) {
        edits.insert(whereClause.span.offset, '(');
    }
    edits.insert(nodeEnd(whereClause), `${isOr ? ')' : ''}\n    and ${condition}`);
}
