import type { EltError } from '../../core/errors.ts';
import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import type { ModelStop } from '../../ledger/model-stops.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { keyNames, keyText } from '../../sql/key-text.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { readCurrentHead } from './current-head.ts';
import type { CurrentSpec } from './current-spec.ts';
import { type KeyStop, keyChanged, type StoppedFile } from './key-changed.ts';
import { allKeys } from './key-history.ts';
import { readStop } from './key-stops.ts';
import { firstThatLacks, type KeyFacts } from './read-key-facts.ts';

/**
 * Whether an edited or hand-written file says in its head that it folds by the keys by which the stream names rows in
 * what is new. Its SQL may do that in any way, so the head is what counts.
 */
export function stopOfEdited(
    database: Database,
    model: ModelFile,
    relation: CatalogueRelation,
    { stale }: KeyFacts,
): StoppedFold | null {
    const head = readCurrentHead(model.head);
    if (head === undefined) {
        return null;
    }
    const known = allKeys(head).map(keyText);
    const ahead = database
        .prepare(
            `select _seq as seq, key, whole, retyped from elt_keys_ahead
            where model = 'current_' || substr(?, 5) order by _seq`,
        )
        .all(relation.stagingTable) as readonly {
        seq: number;
        key: string | null;
        whole: number | null;
        retyped: string | null;
    }[];
    const stopped: StoppedFile = {
        model,
        relation,
        key: head.key,
        isEdited: true,
        isChosen: head.isChosen,
    };
    for (const { seq, key, whole, retyped } of ahead) {
        const isHeld = head.isChosen && (key === '' || whole !== 0);
        if (key !== null && !known.includes(key) && !isHeld) {
            return asStopped(database, stopped, { reason: 'other key', key: keyText(head.key), seq });
        }
        const isUnsure = retyped !== null && head.key.includes(retyped) && !head.history?.retyped.includes(retyped);
        if (isUnsure && stale.includes(retyped)) {
            return asStopped(database, stopped, { reason: 'retyped', key: keyText(head.key), seq });
        }
    }
    return null;
}

/** The error of a stop that the last run recorded, as long as neither the model nor the keys have changed since. */
export function stopRecorded(
    database: Database,
    model: ModelFile,
    relation: CatalogueRelation,
    spec: CurrentSpec,
    stop: ModelStop | undefined,
): StoppedFold | null {
    if (stop === undefined || stop.text_hash !== model.hash || stop.keys !== JSON.stringify(relation.keys)) {
        return null;
    }
    const { reason, key, _seq: seq } = stop;
    return asStopped(database, stoppedFile(model, relation, spec), { reason: reason as KeyStop['reason'], key, seq });
}

/** A model whose fold was stopped by its triggers: what is recorded, and the error. */
export interface StoppedFold {
    readonly stop: ModelStop | null;
    readonly error: EltError;
}

/** What a message of SQLite says if it is one of the triggers of a fold; undefined for any other error. */
export function stoppedFold(
    database: Database,
    model: ModelFile,
    relation: CatalogueRelation,
    spec: CurrentSpec | null,
    message: string,
): StoppedFold | undefined {
    const key = spec?.key ?? readCurrentHead(model.head)?.key;
    const read = readStop(message, model.name, spec?.key ?? []);
    if (read === undefined || key === undefined) {
        return undefined;
    }
    const stopped =
        spec === null ? { model, relation, key, isEdited: true, isChosen: false } : stoppedFile(model, relation, spec);
    return asStopped(database, stopped, { ...read, seq: seqOf(database, stopped, read) });
}

function asStopped(database: Database, stopped: StoppedFile, stop: KeyStop): StoppedFold {
    const { model, relation } = stopped;
    return {
        stop: {
            model: model.name,
            text_hash: model.hash,
            keys: JSON.stringify(relation.keys),
            _seq: stop.seq,
            reason: stop.reason,
            key: stop.key,
        },
        error: keyChanged(database, stopped, stop),
    };
}

function stoppedFile(model: ModelFile, relation: CatalogueRelation, spec: CurrentSpec): StoppedFile {
    return { model, relation, key: spec.key, isEdited: false, isChosen: spec.isChosen === true };
}

/** The place in the stream where a fold stops. */
function seqOf(
    database: Database,
    { model, relation, key: fileKey }: StoppedFile,
    { reason, key }: Pick<KeyStop, 'reason' | 'key'>,
): number {
    if (reason === 'null') {
        return firstThatLacks(database, relation.stagingTable, fileKey, watermarkOf(database, model)) ?? 0;
    }
    if (reason === 'other key') {
        const other = relation.keys.find((one) => one.key !== keyText(fileKey));
        return other?.seq ?? firstNameless(database, relation, fileKey);
    }
    const change = relation.keys.findLast((one) => one.was !== null && one.key === key);
    if (reason !== 'retyped') {
        return change?.seq ?? 0;
    }
    const retyped = database
        .prepare(
            'select _seq as seq, column_name as name from elt_drift where staging_table = ? and stale = 1 order by _seq',
        )
        .all(relation.stagingTable) as readonly { seq: number; name: string }[];
    const first = retyped.find(({ name }) => keyNames(key).includes(name))?.seq ?? 0;
    return change !== undefined && change.seq >= first ? change.seq : first;
}

function watermarkOf(database: Database, { name }: ModelFile): number {
    const sql = 'select watermark from elt_watermarks where model = ?';
    return (database.prepare(sql).pluck().get(name) as number | undefined) ?? 0;
}

/** The first delete without a value of the key. */
function firstNameless(database: Database, { stagingTable }: CatalogueRelation, key: readonly string[]): number {
    const isNull = key.map((name) => `${quoteName(name)} is null`).join(' or ');
    const sql = `select min(_seq) from ${quoteName(stagingTable)} where _op = 'delete' and (${isNull})`;
    return (database.prepare(sql).pluck().get() as number | null) ?? 0;
}
