import { RESET_WATERMARK } from '../ledger/model-state.ts';
import type { ProjectFiles, TestFile } from '../project/model-files.ts';
import { quoteName, quoteText } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import { dropObject, schemaKind } from '../sqlite/schema-kind.ts';
import { testsOf } from './built-in-tests.ts';
import type { PlannedModel } from './plan/decide.ts';
import type { OrderedModel } from './plan/model-order.ts';

/**
 * The SQL that a run executes around the files. `elt transform --print` prints the same statements, so the shell does
 * the same as the command.
 */

/**
 * Deletes rows of `changed_<table>` that every reader has taken in, at the start of a run; a reader that is filled from
 * scratch needs none.
 */
export function forgetTakenChanges(database: Database, planned: readonly PlannedModel[]): string[] {
    const existing = new Set(
        database.prepare("select name from sqlite_schema where type = 'table' and name glob 'changed_*'").pluck().all(),
    );
    const changedTables = planned
        .flatMap(({ ordered }) => ordered.creates)
        .filter((table) => table.startsWith('changed_') && existing.has(table));
    return changedTables.map((table) => {
        const readers = planned
            .filter(({ ordered }) => ordered.reads.includes(table))
            .map(({ ordered }) => ordered.model);
        const names = readers.map(quoteText).join(', ');
        return readers.length === 0
            ? `delete from ${quoteName(table)}`
            : `delete from ${quoteName(table)}
where _tick < (
    select coalesce(min(taken_tick), 9223372036854775807)
    from elt_watermarks
    where watermark > 0 and model in (${names})
)`;
    });
}

/**
 * Empties a model that is filled from scratch. Tables that its file creates are dropped, and whatever else has their
 * names: a view that has become a table, or a table that has become a view. Tables of migrations are
 * emptied, and the unique indexes that its file creates on them are dropped, so that it can create them after filling.
 */
export function emptyModel(database: Database, planned: PlannedModel, all: readonly PlannedModel[]): string[] {
    const { creates, writes, model } = planned.ordered;
    const ofOthers = new Set(all.filter((other) => other !== planned).flatMap((other) => other.ordered.creates));
    const filled = writes.filter((table) => !creates.includes(table) && !ofOthers.has(table) && !isControl(table));
    // They record the rows of a mart: who reads it is filled from scratch too, and its upkeep creates them after its fill.
    const imageTriggers = planned.upkeep === undefined ? [] : onTables(planned.ordered, 'trigger', filled);
    return [
        ...imageTriggers.map((trigger) => `drop trigger if exists ${quoteName(trigger)}`),
        ...creates.map((table) => dropObject(database, table)),
        ...tablesInTheWay(database, planned.ordered).map((table) => `drop table ${quoteName(table)}`),
        ...onTables(planned.ordered, 'index', filled).map((index) => `drop index if exists ${quoteName(index)}`),
        ...filled.map((table) => `delete from ${quoteName(table)}`),
        `${RESET_WATERMARK} ${quoteText(model)}`,
    ];
}

/** Tables of the names that the file now gives to views. */
function tablesInTheWay(database: Database, { views }: OrderedModel): readonly string[] {
    return views.filter((name) => schemaKind(database, name) === 'table');
}

function onTables({ onTables: all }: OrderedModel, type: 'trigger' | 'index', tables: readonly string[]): string[] {
    return all.filter((one) => one.type === type && tables.includes(one.table)).map(({ name }) => name);
}

function isControl(table: string): boolean {
    return table.startsWith('elt_') || table.startsWith('stg_');
}

/** The models that the run executes, in order. */
export function runningModels(planned: readonly PlannedModel[]): readonly PlannedModel[] {
    return planned.filter((model) => model.action === 'full' || model.action === 'incremental');
}

/** The data tests of a run: those of scope `all` only for models that are filled from scratch. */
export function testsOfRun(files: ProjectFiles, running: readonly PlannedModel[]): readonly TestFile[] {
    const action = new Map(running.map((model) => [model.ordered.model, model.action]));
    return testsOf(files, running).filter(
        (test) => action.get(test.model) === 'full' || (action.has(test.model) && test.scope === 'changed'),
    );
}
