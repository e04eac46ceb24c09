import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { didYouMean, didYouMeanOrList } from '../core/nearest-name.ts';
import { type CatalogueRelation, readCatalogue } from '../ledger/catalogue.ts';
import { textWithin } from '../process/within-folder.ts';
import { encodeFileName, modelOf } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import type { Settings } from '../project/settings.ts';
import { sqlFolder } from '../project/settings.ts';
import { writeProjectFile } from '../project/write-project-file.ts';
import { lineDifference } from '../report/line-difference.ts';
import { namesText, parseNames, parseRelation, relationText } from '../sql/relation-name.ts';
import type { Database } from '../sqlite/database.ts';
import type { CurrentSpec } from '../transform/current/current-spec.ts';
import { currentSql, isUnedited } from '../transform/current/current-sql.ts';
import { currentTests } from '../transform/current/current-test-sql.ts';
import { specOf } from '../transform/current/follow-drift.ts';
import type { CommandContext, RunCommand } from './command.ts';

interface Written {
    readonly file: string;
    readonly state: 'written' | 'unchanged' | 'edited' | 'no key';
}

export const scaffold: RunCommand = async (context, words) => {
    return await withMigrated(context.settings, { readonly: true }, async (database) => {
        const files = scaffoldRelations(context, database, { words, all: context.options.all === true });
        context.output.result({ files });
        return 0;
    });
};

/** Writes the files of the relations named, as far as a key can be found. */
export function scaffoldRelations(
    { settings, output, options }: CommandContext,
    database: Database,
    { words, all, isSample }: { readonly words: readonly string[]; readonly all: boolean; readonly isSample?: boolean },
): readonly Written[] {
    const relations = chosen(readCatalogue(database), words, all);
    const key = typeof options.key === 'string' ? keyOption(options.key) : undefined;
    const files: Written[] = [];
    for (const relation of relations) {
        const spec = specFor(settings, relation, key);
        if (spec === undefined) {
            const name = relationText(relation.schema, relation.table);
            files.push({ file: name, state: 'no key' });
            const command = `elt --pipeline ${settings.pipeline} scaffold ${shellWord(name)} --key COLUMN`;
            // `elt init` reads a sample, and `elt scaffold` what has landed.
            const when = isSample ? 'once it has landed, ' : '';
            output.note(`${name} stays as changes: the stream names no key for it; ${when}"${command}"`);
            continue;
        }
        for (const [file, text] of filesOf(settings, spec)) {
            files.push(write(settings, file, text, options.dryRun === true, output.print));
        }
    }
    return files;
}

/** A name quoted for the shell. */
function shellWord(name: string): string {
    return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

function filesOf(settings: Settings, spec: CurrentSpec): readonly (readonly [string, string])[] {
    const tests = currentTests(spec).map(({ badThing, sql }) => {
        return [join(settings.pipeline, 'tests', encodeFileName(`current_${spec.tail}__${badThing}`)), sql] as const;
    });
    return [[join(settings.pipeline, 'current', encodeFileName(spec.tail)), currentSql(spec)], ...tests];
}

/** Writes a file that is new or unedited; a person's edits are shown the difference and left alone. */
function write(
    settings: Settings,
    file: string,
    text: string,
    isDryRun: boolean,
    print: (line: string) => void,
): Written {
    const path = join(sqlFolder(settings), file);
    const shown = `sql/${file}`;
    const before = existsSync(path) ? textWithin(settings.project, path) : undefined;
    if (before === text) {
        print(`unchanged  ${shown}`);
        return { file: shown, state: 'unchanged' };
    }
    const isEdited = before !== undefined && text.includes('\n-- scaffold: ') && !isUnedited(before);
    if (!isEdited && !isDryRun) {
        writeProjectFile(settings.project, path, shown, text);
    }
    print(`${isEdited ? 'edited   ' : isDryRun ? 'would be ' : 'written  '}  ${shown}`);
    for (const line of before === undefined ? [] : lineDifference(before, text)) {
        print(`    ${line}`);
    }
    if (isEdited) {
        return { file: shown, state: 'edited' };
    }
    return { file: shown, state: 'written' };
}

/** The file's own key and order of columns where there is one, else the key that the stream names. */
function specFor(
    settings: Settings,
    relation: CatalogueRelation,
    keyGiven: readonly string[] | undefined,
): CurrentSpec | undefined {
    const tail = relation.stagingTable.slice('stg_'.length);
    const path = join(sqlFolder(settings), settings.pipeline, 'current', encodeFileName(tail));
    if (keyGiven === undefined && existsSync(path)) {
        const text = textWithin(settings.project, path);
        const spec = specOf(modelOf(`current_${tail}`, 'current', path, text), relation);
        if (spec !== undefined) {
            return spec;
        }
    }
    const key = keyGiven ?? streamKey(relation);
    if (key === undefined) {
        return undefined;
    }
    const columns = relation.columns.map((column) => ({ name: column.columnName, type: column.sqliteType }));
    for (const name of key) {
        if (!columns.some((column) => column.name === name)) {
            const names = columns.map((column) => column.name);
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: `${relationText(relation.schema, relation.table)} has no column "${name}"`,
                found: didYouMean(name, names) ?? namesText(names),
                next: 'correct --key',
            });
        }
    }
    return { tail, schema: relation.schema, table: relation.table, key, columns };
}

/**
 * The key by which PostgreSQL finds the rows of updates and deletes: the identity that they came with (it may be an
 * index other than the primary key's), unless that is the whole row; else the primary key.
 */
function streamKey(relation: CatalogueRelation): readonly string[] | undefined {
    const identity = relation.identityFull ? null : relation.identity;
    const named = identity ?? (relation.primaryKey?.length ? relation.primaryKey : null);
    const found = named?.map((name) => relation.columns.find((column) => column.sourceName === name)?.columnName);
    return found?.every((name) => name !== undefined) ? (found as string[]) : undefined;
}

function chosen(
    catalogue: readonly CatalogueRelation[],
    words: readonly string[],
    all: boolean,
): readonly CatalogueRelation[] {
    if (all) {
        return catalogue;
    }
    if (words.length === 0) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'no relation is named',
            found: `landed: ${catalogue.map((one) => relationText(one.schema, one.table)).join(', ') || 'nothing yet'}`,
            next: 'name one, or give --all',
        });
    }
    return words.map((word) => {
        const named = parseRelation(word) ?? { schema: 'public', table: parseNames(word, ',')?.[0] ?? word };
        const found = catalogue.find((one) => one.schema === named.schema && one.table === named.table);
        if (found === undefined) {
            const names = catalogue.map((one) => relationText(one.schema, one.table));
            throw new EltError({
                code: 'MODEL_UNKNOWN',
                message: `no change of "${word}" has landed`,
                found: didYouMeanOrList(word, names, 'landed'),
                next: 'load a source with its changes first',
            });
        }
        return found;
    });
}

function keyOption(text: string): readonly string[] {
    const names = parseNames(text, ',');
    if (names === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `--key cannot be "${text}"`,
            found: 'expected column names: a, b, "odd name"',
            next: 'correct --key',
        });
    }
    return names;
}
