import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { shellWord } from '../core/shell-word.ts';
import { type CatalogueRelation, readCatalogue } from '../ledger/catalogue.ts';
import { NO_FILES, type ProjectFiles, readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { type Settings, sqlFolder } from '../project/settings.ts';
import { lineDifference } from '../report/line-difference.ts';
import { namedTable, parseNames, relationText } from '../sql/relation-name.ts';
import type { Database } from '../sqlite/database.ts';
import { type ScaffoldedFile, scaffoldRelation } from '../transform/current/scaffold.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { explainMarts, martNames, scaffoldMarts } from './scaffold-marts.ts';

interface Written {
    readonly file: string;
    readonly state: ScaffoldedFile['state'] | 'no key';
}

export const scaffold: RunCommand = async (context, words) => {
    return await withMigrated(context.settings, { readonly: true }, async (database) => {
        const { settings, options, output } = context;
        const all = options.all === true;
        const allMarts = martNames(projectFiles(settings));
        if (options.explain === true) {
            refuseOthers(words, allMarts);
            await explainMarts(context, database, projectFiles(settings), words.length === 0 ? allMarts : words);
            return 0;
        }
        const marts = allMarts.filter((name) => all || words.includes(name));
        const relations = words.filter((word) => !marts.includes(word));
        const isOfMarts = marts.length > 0 && relations.length === 0 && !all;
        const files = isOfMarts ? [] : scaffoldRelations(context, database, { words: relations, all });
        // The upkeep of marts follows from the current tables, so they come first, and are read again.
        const written = await scaffoldMarts(context, database, projectFiles(settings), marts);
        output.result({ files: [...files, ...written] });
        return 0;
    });
};

/** The first file of a pipeline may be the one that is written here. */
function projectFiles(settings: Settings): ProjectFiles {
    const folder = sqlFolder(settings);
    return existsSync(join(folder, settings.pipeline)) ? readProjectFiles(folder, settings.pipeline) : NO_FILES;
}

function refuseOthers(names: readonly string[], marts: readonly string[]): void {
    const other = names.find((name) => !marts.includes(name));
    if (other !== undefined) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `there is no mart of one SELECT called "${other}"`,
            found: didYouMeanOrList(other, marts, 'marts of one SELECT'),
            next: 'name one of them: --explain shows how a mart is kept up to date',
        });
    }
}

interface Chosen {
    readonly words: readonly string[];
    readonly all: boolean;
    /** What has landed is a sample: the rest is yet to come. */
    readonly isSample?: boolean;
    /** What the source says of a relation. */
    readonly whyOf?: (schema: string, table: string) => string | undefined;
}

/** Writes the files of the relations named, as far as a key can be found. */
export function scaffoldRelations(
    { settings, output, options }: CommandContext,
    database: Database,
    { words, all, isSample, whyOf }: Chosen,
): readonly Written[] {
    const relations = chosen(readCatalogue(database), words, all);
    const isDryRun = options.dryRun === true;
    const key = typeof options.key === 'string' ? keyOption(options.key) : undefined;
    const rows = typeof options.rows === 'string' ? options.rows : undefined;
    return relations.map((relation): Written => {
        const file = scaffoldRelation(database, settings, relation, {
            key,
            rows,
            isDryRun,
            why: whyOf?.(relation.schema, relation.table),
        });
        if (file === undefined) {
            const name = relationText(relation.schema, relation.table);
            const command = `elt --pipeline ${settings.pipeline} scaffold ${shellWord(name)} --key COLUMN`;
            // `elt init` reads a sample, and `elt scaffold` what has landed.
            const when = isSample === true ? 'once it has landed, ' : '';
            output.note(`${name} stays as changes: the stream names no key for it; ${when}"${command}"`);
            return { file: name, state: 'no key' };
        }
        print(file, isDryRun, output.print);
        return { file: file.file, state: file.state };
    });
}

/** A line for each file, and what differs from the file that was there. */
function print({ file, state, before, text }: ScaffoldedFile, isDryRun: boolean, write: (line: string) => void): void {
    const words = { unchanged: 'unchanged', edited: 'edited   ', written: isDryRun ? 'would be ' : 'written  ' };
    write(`${words[state]}  ${file}`);
    for (const line of state === 'unchanged' || before === null ? [] : lineDifference(before, text)) {
        write(`    ${line}`);
    }
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
        const named = namedTable(word);
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
