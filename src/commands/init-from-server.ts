import { join } from 'node:path';
import { passwordWarning, sourceOptions } from '../load/postgres/source-words.ts';
import { type CataloguedTable, withCatalogue } from '../load/postgres/with-catalogue.ts';
import { sqlFolder } from '../project/settings.ts';
import { writeProjectFile } from '../project/write-project-file.ts';
import type { CommandContext } from './command.ts';
import { wordsOf } from './follow.ts';
import { scaffoldRelations } from './scaffold.ts';
import { type KnownTables, writeFirstMart } from './write-first-mart.ts';

/** What is written of a pipeline, by its files. */
type Write = (write: () => Promise<readonly string[]>) => Promise<readonly string[]>;

/**
 * The files of a pipeline from a server's catalogue alone: settings, current tables, a mart to begin with and its case.
 * Nothing is created in the server, and no row is read.
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
            const mart = await writeFirstMart(context, database, knownTables(tables));
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

/** What the catalogue says of the tables that are followed. */
function knownTables(tables: readonly CataloguedTable[]): KnownTables {
    const tableOf = ({ schema, table }: { readonly schema: string; readonly table: string }) =>
        tables.find((one) => one.schema === schema && one.table === table);
    return {
        sizeOf: (relation) => {
            const table = tableOf(relation);
            return table && pagesOf(table);
        },
        commentOf: (relation, sourceName) => {
            const comment = tableOf(relation)?.columns.find(({ name }) => name === sourceName)?.comment;
            return comment == null ? undefined : oneLine(comment);
        },
    };
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
