import { join } from 'node:path';
import { type CatalogueRelation, readCatalogue } from '../ledger/catalogue.ts';
import { encodeFileName, readProjectFiles } from '../project/model-files.ts';
import { sqlFolder } from '../project/settings.ts';
import { CASE_ENDING } from '../project/sql-files.ts';
import { writeProjectFile } from '../project/write-project-file.ts';
import type { Database } from '../sqlite/database.ts';
import { streamSpec } from '../transform/current/new-spec.ts';
import { readKeyFacts } from '../transform/current/read-key-facts.ts';
import { firstCaseSql, firstMartName, firstMartSql } from '../transform/marts/text/first-mart.ts';
import type { CommandContext } from './command.ts';
import { scaffoldMarts } from './scaffold-marts.ts';

/** What is known of the tables of a new pipeline, from a server's catalogue or from a sample of the stream. */
export interface KnownTables {
    /** In any unit: the mart is one of the largest table. Undefined: it is not considered. */
    readonly sizeOf: (relation: CatalogueRelation) => number | undefined;
    /** What the source says of a column, by the source's name of it. */
    readonly commentOf: (relation: CatalogueRelation, sourceName: string) => string | undefined;
}

/** A mart of the largest table that has a key, with a case and its upkeep; nothing where no table has a key. */
export async function writeFirstMart(
    context: CommandContext,
    database: Database,
    { sizeOf, commentOf }: KnownTables,
): Promise<readonly string[]> {
    const { settings, output } = context;
    const { pipeline, project } = settings;
    const factsOf = readKeyFacts(database);
    const [largest] = readCatalogue(database)
        .flatMap((relation) => {
            const spec = streamSpec(relation, factsOf(relation.stagingTable));
            const size = sizeOf(relation);
            return spec === undefined || size === undefined ? [] : [{ spec, size, relation }];
        })
        .sort((one, other) => other.size - one.size);
    if (largest === undefined) {
        return [];
    }
    const { spec, relation } = largest;
    const sourceNames = new Map(relation.columns.map(({ columnName, sourceName }) => [columnName, sourceName]));
    const mart = firstMartName(spec);
    const ours = (column: string) => commentOf(relation, sourceNames.get(column) ?? column);
    const files = [
        { file: join('marts', encodeFileName(mart)), text: firstMartSql(spec, ours) },
        { file: join('tests', caseFileName(mart)), text: firstCaseSql(spec) },
    ].map(({ file, text }) => {
        const shown = `sql/${pipeline}/${file}`;
        writeProjectFile(project, join(sqlFolder(settings), pipeline, file), shown, text);
        output.print(`written    ${shown}`);
        return shown;
    });
    const upkeep = await scaffoldMarts(context, database, readProjectFiles(sqlFolder(settings), pipeline), [mart]);
    return [...files, ...upkeep.map(({ file }) => file)];
}

function caseFileName(mart: string): string {
    return encodeFileName(mart).replace(/\.sql$/, CASE_ENDING);
}
