import { EltError } from '../../core/errors.ts';
import { shellWord } from '../../core/shell-word.ts';
import type { CatalogueColumn, CatalogueRelation, StreamKey } from '../../ledger/catalogue.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { keyNames } from '../../sql/key-text.ts';
import { quoteName } from '../../sql/quote.ts';
import { namesText, relationText } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';
import type { StopReason } from './key-stops.ts';

/** What is known of a fold that stops at a change of the key. */
export interface KeyStop {
    readonly reason: StopReason;
    /** The key in question, as `keyText` writes it. */
    readonly key: string;
    /** Of the change of the key, or of the row that lacks it; 0 where it cannot be told. */
    readonly seq: number;
}

export interface StoppedFile {
    readonly model: ModelFile;
    readonly relation: CatalogueRelation;
    /** The key by which the file folds. */
    readonly key: readonly string[];
    readonly isEdited: boolean;
    readonly isChosen: boolean;
}

/** The error that names both keys and what can be done. */
export function keyChanged(database: Database, stopped: StoppedFile, stop: KeyStop): EltError {
    const { model, relation } = stopped;
    const waiting = database
        .prepare(
            `select count(*) from ${quoteName(relation.stagingTable)}
            where _op in ('update', 'delete') and _seq >= ?
                and _seq > coalesce((select watermark from elt_watermarks where model = ?), 0)`,
        )
        .pluck()
        .get(stop.seq, model.name) as number;
    const counted = waiting === 1 ? '1 update or delete waits' : `${waiting} updates and deletes wait`;
    return new EltError({
        code: 'KEY_CHANGED',
        message: `"${model.name}" stopped: ${whatHappened(stopped, stop)}`,
        where: model.file,
        found: `${whatIsFound(stopped, stop)}; ${counted}`,
        state: `"${model.name}" and what reads it stay as they were; everything else is up to date`,
        next: whatToDo(stopped, stop),
    });
}

function whatHappened({ relation, key }: StoppedFile, { reason, key: at, seq }: KeyStop): string {
    const name = relationText(relation.schema, relation.table);
    const change = relation.keys.findLast((one) => one.seq === seq && one.was !== null);
    if (reason === 'null') {
        return `it folds ${name} by ${namesText(key)}, and the row of _seq ${seq} has null there`;
    }
    if (reason === 'other key') {
        const now = forPeople(inForce(relation, seq)?.key ?? '');
        return `it folds ${name} by ${namesText(key)}, and the stream names its rows by ${now} since _seq ${seq}`;
    }
    return change === undefined
        ? `the key ${forPeople(at)} of ${name} was retyped at _seq ${seq}`
        : `the key of ${name} was ${forPeople(change.was ?? '')}, and is ${forPeople(change.key)} since _seq ${seq}`;
}

function whatIsFound({ isEdited, isChosen }: StoppedFile, stop: KeyStop): string {
    const key = forPeople(stop.key);
    switch (stop.reason) {
        case 'null':
            return isChosen ? `${key} was chosen` : `${key} has named all rows so far`;
        case 'no value':
            return `rows from before have no ${key}`;
        case 'twice':
            return `rows from before share a ${key}`;
        case 'retyped':
            return 'rows from before have the text of the old type, by which the stream does not name them';
        case 'other key':
            return isEdited
                ? 'the file was edited, so it is not kept in step'
                : isChosen
                  ? `${key} was chosen, and the stream does not give it for the rows that it updates and deletes`
                  : 'without a key PostgreSQL sends no updates and deletes, and rows may share what was the key';
    }
}

function whatToDo(stopped: StoppedFile, stop: KeyStop): string {
    const { model, relation, isEdited, isChosen } = stopped;
    const command = scaffoldCommand(model, relation);
    const key = forPeople(stop.key);
    const anew = `if they are gone, or will be sent again: ${command} --rows anew`;
    if (isEdited) {
        return `take the change of the key over by hand ("${command} --dry-run" prints what a generated file would do), and say so in the head: "-- earlier: …"`;
    }
    if (stop.reason === 'null') {
        const another = `${command} --key COLUMN,…`;
        return isChosen
            ? `by columns in which no row has null: ${another}`
            : relation.keys.at(-1)?.whole === false
              ? 'nothing: the next update or delete shows the new key, and the run follows it'
              : `the next update or delete shows the new key; to continue at once: ${another}`;
    }
    if (isChosen) {
        return [
            `by the key of the stream: ${command} --key ${shellWord(namesText(streamKeyOf(relation)))}`,
            'or let whole rows be sent: alter table … replica identity full',
        ].join('\n');
    }
    if (stop.reason === 'other key') {
        return [
            `if ${key} is unique all the same: ${command} --rows keep`,
            `else give the table a key, send its rows again, and: ${command} --rows anew`,
        ].join('\n');
    }
    if (stop.reason === 'retyped') {
        return [
            `if their ${key} is right as it stands: ${command} --rows keep`,
            `if it can be worked out: ${command} --rows ${shellWord(`${namesText(keyNames(stop.key).slice(0, 1))} = SQL`)}`,
            anew,
        ].join('\n');
    }
    const renamed = stop.reason === 'no value' ? renaming(relation, stop) : undefined;
    return [
        ...(renamed === undefined
            ? [`if it can be worked out: ${command} --rows 'COLUMN = SQL'`]
            : [`if the column was renamed: ${command} --rows ${shellWord(renamed)}`]),
        anew,
    ].join('\n');
}

/** `tid = id`: columns of the key that came when columns of the key before, of the same types, went. */
function renaming(relation: CatalogueRelation, { seq }: KeyStop): string | undefined {
    const change = relation.keys.findLast((one) => one.seq === seq);
    const [before, after] = [keyNames(change?.was ?? ''), keyNames(change?.key ?? '')];
    const gone = before.filter((name) => !after.includes(name));
    const pairs = after
        .filter((name) => !before.includes(name))
        .map((name) => {
            const type = columnOf(relation, name)?.pgType;
            const at = gone.findIndex((other) => columnOf(relation, other)?.pgType === type);
            const [old] = at < 0 ? [] : gone.splice(at, 1);
            return old === undefined ? undefined : `${namesText([name])} = ${quoteName(old)}`;
        });
    return pairs.length > 0 && !pairs.includes(undefined) ? pairs.join(', ') : undefined;
}

function streamKeyOf({ keys }: CatalogueRelation): readonly string[] {
    return keyNames(keys.findLast(({ key }) => key !== '')?.key ?? '');
}

function columnOf({ columns }: CatalogueRelation, name: string): CatalogueColumn | undefined {
    return columns.find((column) => column.columnName === name);
}

function inForce({ keys }: CatalogueRelation, seq: number): StreamKey | undefined {
    return keys.findLast((one) => one.seq <= seq);
}

function forPeople(key: string): string {
    return namesText(keyNames(key)) || 'no key';
}

/** `elt --pipeline shop scaffold public.orders`. */
function scaffoldCommand(model: ModelFile, relation: CatalogueRelation): string {
    const [, pipeline = ''] = model.file.split('/');
    return `elt --pipeline ${pipeline} scaffold ${shellWord(relationText(relation.schema, relation.table))}`;
}
