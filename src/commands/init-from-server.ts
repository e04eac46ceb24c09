import { join } from 'node:path';
import { readCatalogue } from '../ledger/catalogue.ts';
import { passwordWarning, sourceOptions } from '../load/postgres/source-words.ts';
import { type CataloguedTable, withCatalogue } from '../load/postgres/with-catalogue.ts';
import { encodeFileName, readProjectFiles } from '../project/model-files.ts';
import { sqlFolder } from '../project/settings.ts';
import { writeProjectFile } from '../project/write-project-file.ts';
import type { Database } from '../sqlite/database.ts';
import { streamSpec } from '../transform/current/new-spec.ts';
import { readKeyFacts } from '../transform/current/read-key-facts.ts';
import { firstMartSql } from '../transform/marts/text/first-mart.ts';
import type { CommandContext } from './command.ts';
import { wordsOf } from './follow.ts';
import { scaffoldRelations } from './scaffold.ts';
import { scaffoldMarts } from './scaffold-marts.ts';

/** What is written of a pipeline, by its files. */
type Write = (write: () => Promise<readonly string[]>) => Promise<readonly string[]>;

/**
 * The files of a pipeline from a server's catalogue alone: settings, current tables, a mart to begin with. Nothing is
 * created in the server, and no row is read.
 */
export async function initFromServer(
    context: CommandContext,
    address: string,
    begin: Write,
): Promise<readonly string[]> {
    const { output, settings } = context;
    const warning = passwordWarning(address);
    if (warning !== null) {
        output.note(`warning: ${warning}`);
    }
    const words = wordsOf(context, address);
    const options = sourceOptions(words);
    return await withCatalogue(settings, options, async (database, server, tables) => {
        return await begin(async () => {
            const pipeline = writePipeline(context, server, words.tables);
            const whyOf = (schema: string, table: string) =>
                commentOf(tables.find((one) => one.schema === schema && one.table === table));
            const current = scaffoldRelations(context, database, { words: [], all: true, isSample: true, whyOf });
            const mart = await writeMart(context, database, tables);
            return [pipeline, ...current.map(({ file }) => file), ...mart];
        });
    });
}

function writePipeline({ settings, output }: CommandContext, server: string, tables: readonly string[]): string {
    const { pipeline, project } = settings;
    const shown = `sql/${pipeline}/pipeline.sql`;
    const lines = [
        `-- why: follows ${server}`,
        '-- drift: evolve',
        ...tables.map((table) => `-- tables: ${table}`),
        '',
    ];
    writeProjectFile(project, join(sqlFolder(settings), pipeline, 'pipeline.sql'), shown, lines.join('\n'));
    output.print(`written    ${shown}`);
    return shown;
}

/** Of the largest table that has a key; none where no table has one. */
async function writeMart(
    context: CommandContext,
    database: Database,
    tables: readonly CataloguedTable[],
): Promise<readonly string[]> {
    const { settings, output } = context;
    const { pipeline, project } = settings;
    const factsOf = readKeyFacts(database);
    const [largest] = readCatalogue(database)
        .flatMap((relation) => {
            const spec = streamSpec(relation, factsOf(relation.stagingTable));
            const table = tables.find((one) => one.schema === relation.schema && one.table === relation.table);
            return spec === undefined || table === undefined ? [] : [{ spec, table, relation }];
        })
        .sort((one, other) => pagesOf(other.table) - pagesOf(one.table));
    if (largest === undefined) {
        return [];
    }
    const { spec, table, relation } = largest;
    const sourceNames = new Map(relation.columns.map(({ columnName, sourceName }) => [columnName, sourceName]));
    const text = firstMartSql(spec, (column) => {
        const found = table.columns.find(({ name }) => name === sourceNames.get(column));
        return found?.comment == null ? undefined : oneLine(found.comment);
    });
    const name = `${spec.tail}_mart`;
    const shown = `sql/${pipeline}/marts/${encodeFileName(name)}`;
    writeProjectFile(project, join(sqlFolder(settings), pipeline, 'marts', encodeFileName(name)), shown, text);
    output.print(`written    ${shown}`);
    const upkeep = await scaffoldMarts(context, database, readProjectFiles(sqlFolder(settings), pipeline), [name]);
    return [shown, ...upkeep.map(({ file }) => file)];
}

/** How large it is now: the planner's count of rows may never have been taken. */
function pagesOf({ parts }: CataloguedTable): number {
    return parts.reduce((sum, { pages }) => sum + pages, 0);
}

/** What the source says of a table and its columns, in one line. */
function commentOf(table: CataloguedTable | undefined): string | undefined {
    const words = [
        ...(table?.comment == null ? [] : [table.comment]),
        ...(table?.columns ?? []).flatMap(({ name, comment }) => (comment === null ? [] : [`${name}: ${comment}`])),
    ];
    return words.length === 0 ? undefined : oneLine(words.join('; '));
}

/** Comments come from other people's databases: nothing in them ends a line of SQL. */
function oneLine(text: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
    return text.replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}
