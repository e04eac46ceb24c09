import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import { encodeFileName, type ModelFile, modelOf, OLD_CURRENT, UPKEEP } from '../../project/model-files.ts';
import { type Settings, sqlFolder } from '../../project/settings.ts';
import { writeProjectFile } from '../../project/write-project-file.ts';
import type { Database } from '../../sqlite/database.ts';
import { specOf } from './current-file.ts';
import type { CurrentSpec } from './current-spec.ts';
import { currentSql, isUnedited } from './current-sql.ts';
import { decided } from './decided.ts';
import { keyGiven, streamSpec } from './new-spec.ts';
import { readKeyFacts } from './read-key-facts.ts';

/** What a person says about a relation's key. */
export interface ScaffoldOptions {
    /** Column names; the stream's key if not given. */
    readonly key?: readonly string[] | undefined;
    /** What becomes of the rows from before the key changed: `keep`, `anew`, or assignments. */
    readonly rows?: string | undefined;
    /** What the relation is, where its file is new or says nothing of it. */
    readonly why?: string | undefined;
    /** Writes nothing. */
    readonly isDryRun: boolean;
}

/** A file of a current table, and what was done with it. */
export interface ScaffoldedFile {
    /** As people know it: `sql/shop/upkeep/current_orders.sql`. */
    readonly file: string;
    readonly state: 'written' | 'unchanged' | 'edited';
    /** Null: the file is new. */
    readonly before: string | null;
    readonly text: string;
}

/** Writes the file of a relation's current table; undefined if no key can be found. */
export function scaffoldRelation(
    database: Database,
    settings: Settings,
    relation: CatalogueRelation,
    options: ScaffoldOptions,
): ScaffoldedFile | undefined {
    const spec = specFor(database, settings, relation, options);
    return spec && write(settings, fileOf(settings, spec.tail), currentSql(spec), options.isDryRun);
}

/** The spec of the file that is there, else of what the stream says, with what a person says now. */
function specFor(
    database: Database,
    settings: Settings,
    relation: CatalogueRelation,
    options: ScaffoldOptions,
): CurrentSpec | undefined {
    const facts = readKeyFacts(database)(relation.stagingTable);
    const file = existingFile(settings, relation);
    const known = (file && specOf(file, relation, facts)) ?? streamSpec(relation, facts);
    const spec = options.key === undefined ? known : keyGiven(relation, options.key, known);
    const decision = options.rows === undefined ? spec : decided(database, relation, spec, options.rows);
    return decision && { ...decision, why: decision.why ?? options.why };
}

function existingFile(settings: Settings, relation: CatalogueRelation): ModelFile | undefined {
    const tail = relation.stagingTable.slice('stg_'.length);
    const path = join(sqlFolder(settings), fileOf(settings, tail));
    return existsSync(path) ? modelOf(`current_${tail}`, 'current', path, textOf(path)) : undefined;
}

/** Below `sql/`. A file in the folder where they were before stays there. */
function fileOf(settings: Settings, tail: string): string {
    const old = join(settings.pipeline, OLD_CURRENT, encodeFileName(tail));
    return existsSync(join(sqlFolder(settings), old))
        ? old
        : join(settings.pipeline, UPKEEP, encodeFileName(`current_${tail}`));
}

/** Writes a file that is new or unedited; a person's edits are left alone. */
function write(settings: Settings, file: string, text: string, isDryRun: boolean): ScaffoldedFile {
    const path = join(sqlFolder(settings), file);
    const shown = `sql/${file}`;
    const before = existsSync(path) ? textOf(path) : null;
    if (before === text) {
        return { file: shown, state: 'unchanged', before, text };
    }
    const isEdited = before !== null && text.includes('\n-- scaffold: ') && !isUnedited(before);
    if (!isEdited && !isDryRun) {
        writeProjectFile(settings.project, path, shown, text);
    }
    return { file: shown, state: isEdited ? 'edited' : 'written', before, text };
}

function textOf(path: string): string {
    return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}
