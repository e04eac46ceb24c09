import type { CatalogueRelation, StreamKey } from '../../ledger/catalogue.ts';
import { headerValue } from '../../project/file-head.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { keyNames, keyText } from '../../sql/key-text.ts';
import { parseRelation } from '../../sql/relation-name.ts';
import { type CurrentHead, readCurrentHead } from './current-head.ts';
import type { CurrentColumn, CurrentSpec, KeyHistory } from './current-spec.ts';
import { allKeys, isSameKey } from './key-history.ts';
import type { KeyFacts } from './read-key-facts.ts';

/** The relation that a current table's file names in its head. */
export function relationOf(model: ModelFile, catalogue: readonly CatalogueRelation[]): CatalogueRelation | undefined {
    const named = parseRelation(headerValue(model.head, 'relation') ?? '');
    return catalogue.find((relation) => relation.schema === named?.schema && relation.table === named.table);
}

/**
 * What a file would be generated from now: its columns in its order, as the catalogue types them (those that no change
 * has shown yet as the file does), then the columns that it lacks; its keys, then those by which the stream has named
 * rows since.
 */
export function specOf(model: ModelFile, relation: CatalogueRelation, facts: KeyFacts): CurrentSpec | undefined {
    const head = readCurrentHead(model.head);
    const inFile = columnsInFile(model.text);
    const known = new Map(relation.columns.map((column) => [column.columnName, column.sqliteType]));
    const columns: CurrentColumn[] = inFile.map(({ name, type }) => {
        const seen = known.get(name);
        return seen === undefined ? { name, type, unseen: true } : { name, type: seen };
    });
    for (const [name, type] of known) {
        if (!inFile.some((column) => column.name === name)) {
            columns.push({ name, type });
        }
    }
    if (
        head === undefined ||
        allKeys(head)
            .flat()
            .some((name) => !columns.some((column) => column.name === name))
    ) {
        return undefined;
    }
    return {
        tail: relation.stagingTable.slice('stg_'.length),
        schema: relation.schema,
        table: relation.table,
        columns,
        why: headerValue(model.head, 'why'),
        keyInFile: head.key,
        ...keysNow(head, relation, facts),
    };
}

type Keys = Pick<CurrentSpec, 'key' | 'isChosen' | 'history'>;

/** The keys of a file, with those that the stream has named since; a key that a person chose stays. */
export function keysNow(head: CurrentHead, relation: CatalogueRelation, facts: KeyFacts): Keys {
    const { key, history = NO_HISTORY } = head;
    const isChosen = head.isChosen || !isOfStream(key, history, relation, facts) || othersWereWholeRows(key, relation);
    const named = [...new Set(relation.keys.map((one) => one.key))].filter((one) => one !== '');
    const known = [key, ...history.earlier].map(keyText);
    if (isChosen || named.every((one) => known.includes(one))) {
        return { key, isChosen, history: withRetyped([key, ...history.earlier], history, facts) };
    }
    // A key that was only taken for it, because nothing but inserts had come, has named no row.
    const isPresumed = history.earlier.length === 0 && !named.includes(keyText(key));
    const last = relation.keys.findLast((one) => one.key !== '')?.key ?? '';
    const earlier = [...new Set([...(isPresumed ? [] : known), ...named])].filter((one) => one !== last);
    const keys = [last, ...earlier].map((one) => inOrder(one, relation, [key, ...history.earlier]));
    const [now = key, ...before] = keys;
    return { key: now, isChosen: false, history: withRetyped(keys, { ...history, earlier: before }, facts) };
}

const NO_HISTORY: KeyHistory = { earlier: [], retyped: [], decisions: [] };

/** Columns of a key that were retyped make a history too. */
function withRetyped(
    keys: readonly (readonly string[])[],
    { earlier, retyped, decisions }: KeyHistory,
    { stale }: KeyFacts,
): KeyHistory | undefined {
    const all = [...new Set([...retyped, ...stale.filter((name) => keys.some((key) => key.includes(name)))])];
    const isNone = earlier.length === 0 && all.length === 0 && decisions.length === 0;
    return isNone ? undefined : { earlier, retyped: all, decisions };
}

/**
 * Whether all other keys were old rows that came whole without their nulls (format 1): each has the key's columns, and
 * the row after it lacked others that had been taken for the key.
 */
function othersWereWholeRows(key: readonly string[], { keys }: CatalogueRelation): boolean {
    const own = keyText(key);
    const isOther = (one: StreamKey): boolean => one.key !== '' && one.key !== own;
    const wasWhole = (one: StreamKey, index: number): boolean =>
        one.whole === null && keys[index + 1]?.key === '' && key.every((column) => keyNames(one.key).includes(column));
    return keys.some(isOther) && keys.every((one, index) => !isOther(one) || wasWhole(one, index));
}

/** Whether the stream has ever named rows by the file's key, or was taken to. */
function isOfStream(
    key: readonly string[],
    { earlier }: KeyHistory,
    relation: CatalogueRelation,
    { presumed }: KeyFacts,
): boolean {
    const { keys, primaryKey } = relation;
    const ours = (primaryKey ?? []).map(
        (name) => relation.columns.find((column) => column.sourceName === name)?.columnName ?? name,
    );
    return (
        keys.every((one) => one.key === '') ||
        [key, ...earlier].some((one) => keys.some((other) => other.key === keyText(one))) ||
        [ours, ...presumed].some((one) => isSameKey(one, key))
    );
}

/** The names of a key in the order in which a file or the stream gives them. */
function inOrder(
    text: string,
    { primaryKey, identity, columns }: CatalogueRelation,
    ofFile: readonly (readonly string[])[],
): readonly string[] {
    const ofStream = [primaryKey ?? [], identity ?? []].map((names) =>
        names.map((name) => columns.find((column) => column.sourceName === name)?.columnName ?? name),
    );
    return [...ofFile, ...ofStream].find((names) => keyText(names) === text) ?? keyNames(text);
}

/** The columns of the current table as the file creates it, one per line, as `elt scaffold` writes them. */
function columnsInFile(text: string): readonly CurrentColumn[] {
    const block = /^create table if not exists [^\n]* \(\n((?: {4}[^\n]*\n)+)\) strict;$/m.exec(text)?.[1] ?? '';
    return [...block.matchAll(/^ {4}(?:"((?:[^"]|"")+)"|(\w+)) (integer|real|text)/gm)].map((match) => ({
        name: match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
        type: (match[3] ?? 'text').toUpperCase() as CurrentColumn['type'],
    }));
}
