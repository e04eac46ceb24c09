import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import type { ModelStop } from '../../ledger/model-stops.ts';
import { type ModelFile, modelOf } from '../../project/model-files.ts';
import { quoteName } from '../../sql/quote.ts';
import { namesText } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';
import { relationOf, specOf } from './current-file.ts';
import type { CurrentSpec } from './current-spec.ts';
import { currentSql, isUnedited } from './current-sql.ts';
import { allKeys, isSameKey } from './key-history.ts';
import { lacksOnlyColumns } from './lacks-only-columns.ts';
import type { KeyFacts } from './read-key-facts.ts';
import { type StoppedFold, stopOfEdited, stopRecorded } from './stopped-file.ts';

/** A model as this run uses it: the file's text or, for an unedited scaffold that is out of date, its new text. */
export interface FollowedModel {
    readonly model: ModelFile;
    /** The text differs from the file's. */
    readonly generated: boolean;
    /** Statements to run before the file: they add columns that its tables lack. */
    readonly alterations: readonly string[];
    /** The file is an unedited scaffold. */
    readonly scaffolded: boolean;
    /** What the scaffold is generated from; null for a file that a person wrote or edited. */
    readonly spec: CurrentSpec | null;
    /** The relation that the file names in its head; null if it names none, or if nothing of it has landed. */
    readonly relation: CatalogueRelation | null;
    /** The tables of the scaffold differ from it only by missing columns: no reason to rebuild. */
    readonly onlyAddsColumns: boolean;
    /** The column of its staging table that must land before it can run; null: none. */
    readonly waitsFor: string | null;
    /** It cannot follow the key of its relation; null: it can, as far as is known before it runs. */
    readonly stop: StoppedFold | null;
    /** For the user: the file is out of date, or was edited and lacks columns. */
    readonly warning: string | null;
}

/** What the database knows about the current tables of a pipeline. */
export interface CurrentFacts {
    readonly catalogue: readonly CatalogueRelation[];
    readonly keyFacts: (stagingTable: string) => KeyFacts;
    readonly stops: ReadonlyMap<string, ModelStop>;
}

/**
 * Keeps scaffolded folds in step with the stream. An unedited file folds as `elt scaffold` would write it now; an
 * edited one is left alone, with a warning if the stream has columns that it does not name, and stops if the stream
 * names rows by another key.
 */
export function followDrift(database: Database, model: ModelFile, facts: CurrentFacts): FollowedModel {
    const relation = model.kind === 'current' ? relationOf(model, facts.catalogue) : undefined;
    const asIs: FollowedModel = {
        model,
        generated: false,
        alterations: [],
        scaffolded: false,
        spec: null,
        relation: relation ?? null,
        onlyAddsColumns: false,
        waitsFor: null,
        stop: null,
        warning: null,
    };
    if (relation === undefined) {
        return asIs;
    }
    const spec = specOf(model, relation, facts.keyFacts(relation.stagingTable));
    const edited = !isUnedited(model.text);
    const unseen = spec === undefined ? undefined : unseenColumn(spec, relation, edited);
    if (unseen !== undefined) {
        return { ...asIs, waitsFor: `${relation.stagingTable}.${unseen}` };
    }
    if (edited || spec === undefined) {
        const stop = stopOfEdited(database, model, relation, facts.keyFacts(relation.stagingTable));
        return { ...asIs, stop, warning: edited ? unnamedColumns(model, relation) : null };
    }
    const text = currentSql(spec);
    const isBehind = text !== model.text;
    const now = isBehind ? modelOf(model.name, model.kind, model.file, text) : model;
    const alterations = lacksOnlyColumns(database, spec);
    return {
        model: now,
        generated: isBehind,
        alterations: alterations ?? [],
        scaffolded: true,
        spec,
        relation,
        onlyAddsColumns: alterations !== null,
        waitsFor: null,
        stop: stopRecorded(database, now, relation, spec, facts.stops.get(model.name)),
        warning: isBehind ? outOfDate(model, spec) : null,
    };
}

/** For the user: how a file is out of date; null if it only names columns that no change has contained yet. */
function outOfDate({ file }: ModelFile, spec: CurrentSpec): string | null {
    const { key, keyInFile = key } = spec;
    if (!isSameKey(key, keyInFile)) {
        const keys = `the key ${namesText(keyInFile)}, and the stream names rows by ${namesText(key)}`;
        return `${file} names ${keys}: the run follows it, "elt scaffold" updates the file`;
    }
    return spec.columns.every((column) => column.unseen !== true)
        ? `${file} is older than the stream's columns: "elt scaffold" updates it`
        : null;
}

/**
 * A column that the fold needs and no change has shown. A stream may begin with a truncate, which shows no column, or
 * with a delete, which shows only the key.
 */
function unseenColumn(spec: CurrentSpec, relation: CatalogueRelation, edited: boolean): string | undefined {
    const unseen = spec.columns.filter((column) => column.unseen === true).map(({ name }) => name);
    if (edited) {
        return unseen[0];
    }
    const keys = allKeys(spec).map((key) => key.find((name) => unseen.includes(name)));
    // Where rows have been named, it was by columns that were seen.
    return relation.keys.length > 0 && keys.includes(undefined) ? undefined : keys[0];
}

/** An edited file is left alone: its author decides about columns that it does not name. */
function unnamedColumns(model: ModelFile, relation: CatalogueRelation): string | null {
    const names = relation.columns
        .filter((column) => !model.text.includes(quoteName(column.columnName)))
        .map((column) => `"${column.columnName}"`);
    return names.length === 0
        ? null
        : `${model.file} was edited and does not name ${names.join(', ')}; add what you need, or run "elt scaffold"`;
}
