import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EltError } from '../core/errors.ts';
import { schemaOfFiles } from '../load/schema-of-files.ts';
import { readCases } from '../project/case-files.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withDatabase } from '../project/open-database.ts';
import { packageFolder, type Settings, sqlFolder } from '../project/settings.ts';
import { figureNames, readFigure } from '../query/figure.ts';
import { questionNames, readQuestion } from '../query/question.ts';
import { readEach } from '../query/read-each.ts';
import { modelsPage } from '../report/models/models-page.ts';
import { type Database, isMigrated } from '../sqlite/database.ts';
import { type MapEntry, modelMap, type Reader } from '../transform/lineage/model-map.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';

/** The page of a pipeline's models, from its files and, where there is one, its database. */
export async function modelsHtml(
    settings: Settings,
): Promise<{ readonly html: string; readonly entries: readonly MapEntry[]; readonly wrong: readonly EltError[] }> {
    const { pipeline, db } = settings;
    const folder = sqlFolder(settings);
    const files = readProjectFiles(folder, pipeline);
    const cases = readCases(folder, pipeline);
    const { readers, wrong } = readersOf(folder, pipeline);
    const read = (database: Database) => withGenerator(() => modelMap(database, { pipeline, files, cases, readers }));
    const ofDatabase = existsSync(db)
        ? await withDatabase(settings, { readonly: true }, async (database) =>
              isMigrated(database) ? await read(database) : undefined,
          )
        : undefined;
    const map = ofDatabase ?? (await withSchema(settings, files, read));
    const asset = (name: string): string => readFileSync(join(packageFolder(), 'dist', 'browser', name), 'utf8');
    const html = modelsPage(map, {
        style: asset('models.css'),
        script: asset('models.js'),
        at: new Date(),
        database: ofDatabase === undefined ? null : basename(db),
    });
    return { html, entries: map.entries, wrong };
}

async function withSchema<T>(
    settings: Settings,
    files: Parameters<typeof schemaOfFiles>[1],
    work: (database: Database) => Promise<T>,
): Promise<T> {
    const { database } = schemaOfFiles(settings, files);
    try {
        return await work(database);
    } finally {
        database.close();
    }
}

/** Questions and figures: they read what models fill. One that is wrong is left out. */
function readersOf(
    folder: string,
    pipeline: string,
): { readonly readers: readonly Reader[]; readonly wrong: readonly EltError[] } {
    const questions = readEach(questionNames(folder, pipeline), (name) => ({
        kind: 'question' as const,
        ...readQuestion(folder, pipeline, name),
    }));
    const figures = readEach(figureNames(folder, pipeline), (name) => ({
        kind: 'figure' as const,
        ...readFigure(folder, pipeline, name),
    }));
    const read = [...questions.files, ...figures.files];
    const readers = read.map(({ kind, name, file, text, statement, parameters, row, why }) => ({
        kind,
        name,
        file,
        text,
        row: row ?? null,
        why: why ?? null,
        sql: statement.sql,
        parameters: parameters.map((parameter) => parameter.name),
    }));
    return { readers, wrong: [...questions.wrong, ...figures.wrong] };
}
