import { didYouMean } from '../core/nearest-name.ts';
import { shellWord } from '../core/shell-word.ts';
import { readCatalogue } from '../ledger/catalogue.ts';
import { readModelStates } from '../ledger/model-state.ts';
import { forgetMart, hasPushes, readTargets } from '../ledger/pushes.ts';
import type { ModelFile, ProjectFiles } from '../project/model-files.ts';
import { quoteText } from '../sql/quote.ts';
import { relationText } from '../sql/relation-name.ts';
import { createdObject } from '../sql/schema-object.ts';
import { splitStatements } from '../sql/statements.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import { dropObject, schemaKind } from '../sqlite/schema-kind.ts';
import type { PlannedModel } from './plan/decide.ts';
import { zonedDateNotes } from './zoned-dates.ts';

/** A relation that has landed and that no model reads: its rows are staged and go nowhere. */
interface UnreadRelation {
    /** As PostgreSQL spells it: `shop.coupons`. */
    readonly relation: string;
    readonly stagingTable: string;
}

/** A model whose file is gone while its table or view is still there, with the rows of its last run. */
export interface Orphan {
    readonly model: string;
    /** The file that it had. */
    readonly file: string;
    readonly lastRunAt: string;
    /** What `drop` removes: the model itself and what its file created beside it. */
    readonly objects: readonly string[];
    /** Where it was pushed: `drop` forgets them, and they keep its rows. */
    readonly targets: readonly string[];
}

/** Empty for a pipeline without models, which only lands. Models that wait are known by the names in their text. */
function unreadRelations(database: Database, planned: readonly PlannedModel[]): readonly UnreadRelation[] {
    if (planned.length === 0) {
        return [];
    }
    const read = new Set(planned.flatMap(({ ordered }) => ordered.reads.map((name) => name.toLowerCase())));
    const waiting = planned
        .filter(({ ordered }) => ordered.waitsFor !== null)
        .map(({ followed }) => followed.model.text);
    return readCatalogue(database)
        .filter(({ stagingTable }) => !read.has(stagingTable.toLowerCase()))
        .filter(({ stagingTable }) => !waiting.some((text) => text.includes(stagingTable)))
        .map(({ schema, table, stagingTable }) => ({ relation: relationText(schema, table), stagingTable }));
}

/** One line for each thing that a person would want to hear of: an unread relation, a misspelt name, a date that is null. */
export function looseEndNotes(database: Database, planned: readonly PlannedModel[]): readonly string[] {
    const staged = readCatalogue(database).map(({ stagingTable }) => stagingTable);
    const waiting = planned.flatMap(({ ordered: { model, waitsFor } }) => {
        const guess = waitsFor === null ? undefined : didYouMean(waitsFor, staged);
        return guess === undefined ? [] : [`${model} waits for ${waitsFor}: ${guess}`];
    });
    const unread = unreadRelations(database, planned).map(
        ({ relation }) =>
            `${relation} has landed and no model reads it: "elt scaffold ${shellWord(relation)}" writes its current table`,
    );
    return [...waiting, ...unread, ...zonedDateNotes(database, planned)];
}

/** Of an upkeep file that stayed when its mart went. */
export function leftUpkeepNote(file: string): string {
    return `${file} belongs to no mart: delete it, and "elt prune" drops what it has filled`;
}

/** `migrations`: the texts of the pipeline's migrations, whose tables are no orphans. */
export function orphans(database: Database, files: ProjectFiles, migrations: readonly string[]): readonly Orphan[] {
    const names = new Set(files.models.map((model) => model.name));
    const left = [...readModelStates(database).values()].filter(({ model }) => !names.has(model));
    if (left.length === 0) {
        // Usual, and then no file need be parsed.
        return [];
    }
    const kept = new Set([...files.models.flatMap(createdBy), ...migrations.flatMap(createdIn)]);
    const isGone = (name: string): boolean => !kept.has(name.toLowerCase()) && schemaKind(database, name) !== undefined;
    return left
        .map(({ model, file, last_run_at: lastRunAt }) => {
            const objects = companions(model).filter(isGone);
            // A table that stays may be pushed without a file.
            const pushed = objects.includes(model) ? [`elt_touched_${model}`].filter(isGone) : [];
            const targets = objects.includes(model) ? targetsOf(database, model) : [];
            return { model, file, lastRunAt, objects: [...objects, ...pushed], targets };
        })
        .filter(({ objects }) => objects.length > 0);
}

/** Drops the orphans and forgets that their models ever ran, in one SQLite transaction. */
export function dropOrphans(database: Database, found: readonly Orphan[]): void {
    inTransaction(database, () => {
        for (const { model, objects } of found) {
            for (const name of objects) {
                database.exec(dropObject(database, name));
            }
            if (objects.includes(model) && hasPushes(database)) {
                forgetMart(database, model);
            }
            database.exec(`delete from elt_watermarks where model = ${quoteText(model)}`);
            database.exec(`delete from elt_models where model = ${quoteText(model)}`);
        }
    });
}

function targetsOf(database: Database, mart: string): readonly string[] {
    return hasPushes(database) ? readTargets(database, mart).map(({ target }) => target) : [];
}

/** A model and the names that a file of its kind creates beside it; views first, since they read the tables. */
function companions(model: string): readonly string[] {
    const tail = model.startsWith('current_') ? model.slice('current_'.length) : model;
    return [
        `fold_${tail}`,
        `${model}_now`,
        model,
        `${model}_dirty`,
        `${model}_fresh`,
        `${model}_in_full`,
        `changed_${tail}`,
    ];
}

function createdBy(model: ModelFile): readonly string[] {
    return model.statements.flatMap(({ sql }) => createdObject(sql)?.name.toLowerCase() ?? []);
}

function createdIn(text: string): readonly string[] {
    return splitStatements(text, 'migration').flatMap(({ sql }) => createdObject(sql)?.name.toLowerCase() ?? []);
}
