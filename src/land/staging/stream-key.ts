import type { ReplicaIdentity, Shape } from '../../core/stream-event.ts';
import type { CatalogueRelation, StreamKey } from '../../ledger/catalogue.ts';
import { keyNames, keyText } from '../../sql/key-text.ts';
import { namesText } from '../../sql/relation-name.ts';
import { isOfPartition } from './partition-column.ts';

/**
 * The key by which a stream names the rows that it updates and deletes, and how it changes.
 *
 * Updates and deletes bring the columns of the replica identity. Those are the key, unless the whole row comes (FULL):
 * then it is the primary key. What is worked out here depends only on the changes and their order, not on how they
 * were split into loads: a fold relies on it.
 * Source: https://www.postgresql.org/docs/15/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY
 */

/** A key as one change gives it. */
export type NamedKey = Pick<StreamKey, 'key' | 'whole'>;

/** What a change does to the keys of its relation. */
export interface KeyChange {
    readonly keys: readonly StreamKey[];
    /** The keys before and after, for people, where another one is named now; null: nothing that drifts. */
    readonly drift: { readonly was: string; readonly now: string } | null;
    /** False: the primary key was only taken for the key, because nothing but inserts had come. */
    readonly isChange: boolean;
}

/** What was known of a relation before a change. */
export interface KnownBefore {
    readonly primaryKey: readonly string[] | null;
    readonly sawOldKey: boolean;
    /** Whether all rows have shown their values of a column, by our name, and PostgreSQL has not changed them since. */
    readonly isFromBeginning: (column: string) => boolean;
}

/** The keys of a relation after a change; null if they stay as they are. */
export function keyChange(
    relation: CatalogueRelation,
    shape: Shape,
    seq: number,
    before: KnownBefore,
): KeyChange | null {
    const named = namedKey(relation, shape, before.primaryKey);
    if (named === null) {
        return null;
    }
    const last = relation.keys.at(-1);
    if (last?.key === named.key && last.whole === named.whole) {
        return null;
    }
    const presumed = (before.primaryKey === null ? null : ourKey(relation, before.primaryKey)) || null;
    const was = last?.key ?? presumed;
    const drift = was === null || was === named.key ? null : { was: forPeople(was), now: forPeople(named.key) };
    const isNamed = shape.oldColumns.length > 0 || shape.identity !== undefined;
    const isFirst = isNamed && !before.sawOldKey && named.key !== '';
    if (isFirst && (named.key === presumed || keyNames(named.key).every(before.isFromBeginning))) {
        // Only inserts came before, and an insert names no other row. What PostgreSQL names rows by now was unique among
        // them, so it is the key from the beginning; that it was taken to be another one is worth a note only.
        const isNoted = seq > relation.firstSeq;
        const keys = [{ seq: relation.firstSeq, was: null, ...named }];
        return { keys, drift: isNoted ? drift : null, isChange: false };
    }
    if (was === null && named.key === '') {
        return null;
    }
    const first = last === undefined && presumed !== null ? [firstKey(relation, presumed, named.whole)] : relation.keys;
    return { keys: [...first, { seq, was, ...named }], drift, isChange: drift !== null };
}

function forPeople(key: string): string {
    return namesText(keyNames(key)) || 'no key';
}

function firstKey({ firstSeq }: CatalogueRelation, key: string, whole: boolean | null): StreamKey {
    return { seq: firstSeq, key, was: null, whole };
}

/** The key by which a change names its row, or by which later ones will; null if it says nothing new. */
function namedKey(
    relation: CatalogueRelation,
    shape: Shape,
    primaryKeyBefore: readonly string[] | null,
): NamedKey | null {
    const old = shape.oldColumns.map((column) => column.name);
    if (shape.identity !== undefined) {
        return namedByIdentity(relation, shape.identity);
    }
    if (old.length > 0) {
        return namedByOldKey(relation, shape, old);
    }
    const given = shape.primaryKey;
    if (given === null || primaryKeyBefore === null || isSame(given, primaryKeyBefore)) {
        return null;
    }
    // The replica identity is the primary key's, unless rows were named by other columns.
    const last = relation.keys.at(-1);
    const followsPrimaryKey = last === undefined || last.key === ourKey(relation, primaryKeyBefore);
    const key = ourKey(relation, given);
    return followsPrimaryKey && key !== null ? { key, whole: last?.whole ?? false } : null;
}

/** The source tells the replica identity itself. Without one no updates and deletes come, and a primary key stays. */
function namedByIdentity(relation: CatalogueRelation, { columns, isFull }: ReplicaIdentity): NamedKey | null {
    const { primaryKey } = relation;
    const names = isFull || columns.length === 0 ? primaryKey : columns;
    const isSilent = !isFull && columns.length === 0 && primaryKey !== null && primaryKey.length > 0;
    const key = names === null || isSilent ? null : ourKey(relation, names);
    return key === null ? null : { key, whole: isFull };
}

function namedByOldKey(relation: CatalogueRelation, shape: Shape, old: readonly string[]): NamedKey | null {
    const last = relation.keys.at(-1);
    const isWhole = looksWhole(relation, shape, old);
    // Format 1 gives the primary key only where it is the identity, and leaves null columns out of whole rows.
    const isUncertain = shape.oldLeavesNullsOut === true && shape.primaryKey === null;
    const listed: NamedKey = { key: ourKey(relation, old) ?? '', whole: isUncertain ? null : false };
    const { primaryKey } = relation;
    if (primaryKey !== null && primaryKey.length > 0 && primaryKey.every((name) => old.includes(name))) {
        return {
            key: ourKey(relation, primaryKey) ?? '',
            whole: isUncertain ? (last?.whole ?? null) : isWhole,
        };
    }
    if (primaryKey !== null) {
        return isWhole ? { key: '', whole: true } : isUncertain ? uncertain(relation, old, listed) : listed;
    }
    if (isWhole) {
        return last === undefined || isHeld(last, relation, old) ? null : { key: '', whole: true };
    }
    if (isUncertain) {
        return uncertain(relation, old, listed);
    }
    // A whole row that lacks a column whose drop has not been noticed yet.
    return last?.whole === true && isHeld(last, relation, old) ? null : listed;
}

/** An old key that may also be a whole row without its null columns. */
function uncertain(relation: CatalogueRelation, old: readonly string[], listed: NamedKey): NamedKey | null {
    const last = relation.keys.at(-1);
    // Where there is no key since such a row, its likes say nothing new: what they are held against is the key before.
    const isOpen = last?.key === '' && last.whole === null && last.was !== null;
    const before = isOpen ? { ...last, key: last.was ?? '' } : last;
    if (before === undefined || before.key === '' || before.key === listed.key) {
        return listed;
    }
    if (isHeld(before, relation, old)) {
        return isOpen ? listed : null;
    }
    const columns = keyNames(listed.key);
    return keyNames(before.key).some((name) => columns.includes(name)) ? { key: '', whole: null } : listed;
}

/** Names every live column, or in an update every column of the new row. */
function looksWhole(relation: CatalogueRelation, shape: Shape, old: readonly string[]): boolean {
    const names = new Set(old);
    return (
        relation.columns.every((one) => one.droppedSeq !== null || isOfPartition(one) || names.has(one.sourceName)) ||
        (shape.op === 'update' && shape.columns.every((column) => names.has(column.name)))
    );
}

function isHeld({ key }: StreamKey, relation: CatalogueRelation, old: readonly string[]): boolean {
    const names = old.map((name) => ourName(relation, name));
    return key !== '' && keyNames(key).every((name) => names.includes(name));
}

/** The text of a key in our column names; null if the relation lacks one of its columns. */
function ourKey(relation: CatalogueRelation, sourceNames: readonly string[]): string | null {
    const names = sourceNames.map((name) => ourName(relation, name));
    return names.every((name) => name !== undefined) ? keyText(names) : null;
}

function ourName({ columns }: CatalogueRelation, sourceName: string): string | undefined {
    return columns.find((column) => column.sourceName === sourceName)?.columnName;
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
    return left.length === right.length && left.every((name) => right.includes(name));
}
