import type { SqliteType } from '../core/storage-types.ts';
import type { Shape } from '../core/stream-event.ts';
import { type DeclaredSource, declaredShape } from '../project/declared-source.ts';
import { headerValue } from '../project/file-head.ts';
import type { ModelFile, ProjectFiles } from '../project/model-files.ts';
import { migrationsOf } from '../project/open-database.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { readDeclaredSources } from '../project/read-declared-sources.ts';
import { type Settings, sqlFolder } from '../project/settings.ts';
import { parseNames, parseRelation } from '../sql/relation-name.ts';
import { createdObject } from '../sql/schema-object.ts';
import type { Database } from '../sqlite/database.ts';
import { declaredTable } from '../sqlite/declared-table.ts';
import { openInMemory } from '../sqlite/in-memory.ts';
import { applyWithin } from '../sqlite/migrations/run-migration.ts';
import { declareTables } from './declare-tables.ts';
import { landingPolicy } from './landing-policy.ts';

/** What the files of a pipeline say of its schema. */
export interface SchemaOfFiles {
    /** Empty, in memory, with the migrations and the staging tables. The caller closes it. */
    readonly database: Database;
    /** Columns that are never null, of tables that the sources declare: names in lower case. */
    readonly required: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * A database with everything that the files of a pipeline say of its schema: its migrations, and the staging tables of
 * its declared sources and of its current tables. No database file is read.
 */
export function schemaOfFiles(settings: Settings, files: ProjectFiles): SchemaOfFiles {
    const database = openInMemory();
    try {
        for (const migration of migrationsOf(settings)) {
            applyWithin(database, migration, 'nothing was changed');
        }
        const folder = sqlFolder(settings);
        const sources = readDeclaredSources(folder, settings.pipeline);
        const declared = sources.map((source) => declaredShape(source));
        const pipeline = readPipelineSettings(folder, settings.pipeline);
        const ofFiles = files.models.flatMap((model) => shapeOfCurrent(model) ?? []);
        // The first of two that name the same relation creates its table.
        declareTables(database, [...declared, ...ofFiles], landingPolicy(pipeline));
        return { database, required: requiredColumns(sources) };
    } catch (error) {
        database.close();
        throw error;
    }
}

/** The same columns of the staging table and of the current table. */
function requiredColumns(sources: readonly DeclaredSource[]): SchemaOfFiles['required'] {
    return new Map(
        sources.flatMap(({ table, columns }) => {
            const names = new Set(columns.filter(({ required }) => required).map(({ name }) => name.toLowerCase()));
            return [`stg_${table}`, `current_${table}`].map((name) => [name.toLowerCase(), names] as const);
        }),
    );
}

/** What a current table's file says of its relation: its columns, and how they are stored. */
function shapeOfCurrent(model: ModelFile): Shape | undefined {
    const relation = parseRelation(headerValue(model.head, 'relation') ?? '');
    const created = model.statements.find(({ sql }) => createdObject(sql)?.name === model.name);
    const table = created === undefined ? undefined : declaredTable(created.sql);
    if (model.kind !== 'current' || relation === undefined || table === undefined) {
        return undefined;
    }
    const primaryKey = parseNames(headerValue(model.head, 'key') ?? '', ',') ?? null;
    return {
        op: 'insert',
        ...relation,
        columns: table.columns.map(({ name, type }) => ({ name, type: null, stored: storedAs(type) })),
        oldColumns: [],
        primaryKey,
    };
}

function storedAs(type: string): SqliteType {
    const known: Readonly<Record<string, SqliteType>> = { integer: 'INTEGER', real: 'REAL', text: 'TEXT' };
    return known[type] ?? 'ANY';
}
