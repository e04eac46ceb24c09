import { EltError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest-name.ts';
import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import { keyNames, keyText } from '../../sql/key-text.ts';
import { namesText, relationText } from '../../sql/relation-name.ts';
import { keysNow } from './current-file.ts';
import type { CurrentSpec } from './current-spec.ts';
import { isSameKey } from './key-history.ts';
import type { KeyFacts } from './read-key-facts.ts';

/** A current table that has no file yet, by the key that the stream names; undefined if it names none for certain. */
export function streamSpec(relation: CatalogueRelation, facts: KeyFacts): CurrentSpec | undefined {
    const key = streamKey(relation);
    if (key === undefined || !isCertain(relation, key, facts)) {
        return undefined;
    }
    return { ...bareSpec(relation, key), ...keysNow({ key, isChosen: false, history: undefined }, relation, facts) };
}

/** The spec with a key that a person gives. */
export function keyGiven(
    relation: CatalogueRelation,
    key: readonly string[],
    known: CurrentSpec | undefined,
): CurrentSpec {
    refuseUnknownColumns(relation, key);
    const last = relation.keys.at(-1);
    const ours = streamKey(relation);
    if (last !== undefined && last.key !== '' && last.key !== keyText(key) && last.whole === false) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `${relationText(relation.schema, relation.table)} cannot be kept by ${namesText(key)}`,
            found: `the stream names the rows that it updates and deletes by ${namesText(ours ?? [])} only`,
            next: 'leave --key out, or let whole rows be sent: alter table … replica identity full',
        });
    }
    const isNamed = last === undefined ? ours === undefined || isSameKey(ours, key) : last.key === keyText(key);
    const columns = known?.columns ?? bareSpec(relation, key).columns;
    return isNamed && known !== undefined && isSameKey(known.key, key)
        ? known
        : { ...bareSpec(relation, key), columns, isChosen: !isNamed };
}

function bareSpec(relation: CatalogueRelation, key: readonly string[]): CurrentSpec {
    return {
        tail: relation.stagingTable.slice('stg_'.length),
        schema: relation.schema,
        table: relation.table,
        key,
        columns: relation.columns.map(({ columnName, sqliteType }) => ({ name: columnName, type: sqliteType })),
    };
}

/**
 * The key by which PostgreSQL finds the rows of updates and deletes: the identity that they came with (it may be an
 * index other than the primary key's), unless that is the whole row; else the primary key.
 */
function streamKey(relation: CatalogueRelation): readonly string[] | undefined {
    const last = relation.keys.at(-1);
    const identity = relation.identityFull ? null : relation.identity;
    const named = identity ?? (relation.primaryKey?.length ? relation.primaryKey : null);
    const candidates = [named, relation.identity, relation.primaryKey].map((names) => ourNames(relation, names));
    if (last === undefined) {
        return candidates[0];
    }
    return last.key === ''
        ? undefined
        : (candidates.find((names) => names !== undefined && keyText(names) === last.key) ?? keyNames(last.key));
}

/**
 * Whole old rows without their null columns (format 1) look like a key. A column of a key is never null. That is asked of
 * all rows, unless rows were certainly named by another key before.
 */
function isCertain({ keys }: CatalogueRelation, key: readonly string[], facts: KeyFacts): boolean {
    const last = keys.at(-1);
    if (last === undefined || last.whole !== null) {
        return true;
    }
    const hasComeWhole = keys.some((one) => one.key === '' && one.whole !== false);
    const from = hasComeWhole || keys.length === 1 ? 0 : last.seq - 1;
    return facts.firstThatLacks(key, from) === undefined;
}

function ourNames(relation: CatalogueRelation, names: readonly string[] | null): readonly string[] | undefined {
    const found = names?.map((name) => relation.columns.find((column) => column.sourceName === name)?.columnName);
    return found?.every((name) => name !== undefined) ? (found as string[]) : undefined;
}

function refuseUnknownColumns(relation: CatalogueRelation, names: readonly string[]): void {
    const columns = relation.columns.map(({ columnName }) => columnName);
    for (const name of names) {
        if (!columns.includes(name)) {
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: `${relationText(relation.schema, relation.table)} has no column "${name}"`,
                found: didYouMean(name, columns) ?? namesText(columns),
                next: 'correct --key',
            });
        }
    }
}
