import { EltError } from '../../core/errors.ts';
import type { ModelFile, TestFile } from '../../project/model-files.ts';
import type { Dialect, Engine } from '../dialects/dialect.ts';
import type { EngineColumn } from '../marts/engine-scope.ts';
import { SQLITE_TYPE } from '../marts/engine-values.ts';
import { translateQuery } from '../marts/translate-query.ts';
import { indented } from '../marts/translate-select.ts';
import type { EngineSchema, TranslatedSelect } from '../marts/translation.ts';

/** The files that people write for an engine instead of a translation. */
export interface QueryFiles {
    /** The text of `marts/<name>.<engine>.sql` or `tests/<name>.<engine>.sql`, if it is there. */
    readonly read: (folder: 'marts' | 'tests', name: string) => string | undefined;
    /** The name of such a file, as it is shown. */
    readonly nameOf: (folder: 'marts' | 'tests', name: string) => string;
}

/** The rows of a mart on an engine, each column of the type that its table has. */
export function martSelect(
    model: ModelFile,
    columns: readonly EngineColumn[],
    dialect: Dialect,
    schema: EngineSchema,
    queries: QueryFiles,
): TranslatedSelect {
    const written = queries.read('marts', model.name);
    const wanted = queries.nameOf('marts', model.name);
    if (written !== undefined) {
        const list = columns.map((column) => typed(dialect, dialect.name(column.name), column));
        const sql = `select\n${indented(list.join(',\n'))}\nfrom (\n${indented(withoutEnd(written))}\n) as rows_now`;
        return { sql, columns };
    }
    const { definition } = model;
    if (definition === undefined) {
        throw new EltError({
            code: 'ENGINE_REFUSED',
            message: `the mart "${model.name}" is filled by several statements, which only SQLite runs`,
            where: model.file,
            state: 'nothing was printed or run',
            next: `write one SELECT for ${dialect.engine} as ${wanted}`,
        });
    }
    const from = {
        file: definition.file,
        text: definition.text,
        offset: Math.max(0, definition.text.indexOf(definition.select)),
        wanted,
    };
    const translated = translateQuery(definition.select, dialect, schema, from);
    return typedRows(translated, columns, dialect, { file: definition.file, wanted });
}

function typedRows(
    translated: TranslatedSelect,
    columns: readonly EngineColumn[],
    dialect: Dialect,
    from: { readonly file: string; readonly wanted: string },
): TranslatedSelect {
    const kept = translated.columns.map((result): EngineColumn => {
        const column = columns.find(({ name }) => name.toLowerCase() === result.name.toLowerCase());
        const isKept =
            column !== undefined &&
            (result.type === 'null' ||
                result.type === column.type ||
                (column.type === 'any' && result.type !== 'any') ||
                (result.type === 'integer' && ['real', 'text'].includes(column.type)));
        if (!isKept) {
            throw new EltError({
                code: 'ENGINE_SQL',
                message: `"${from.file}" cannot be translated for ${dialect.engine}: the type of "${result.name}" is not certain`,
                where: `${from.file}:1`,
                found: `${result.type} in the SELECT, ${column?.type ?? 'nothing'} in the table`,
                state: 'nothing was printed or run',
                next: `give it a type with a line "-- column: ${result.name} text" in the head or a cast, or write the SELECT as ${from.wanted}`,
            });
        }
        return { ...column, type: column.type === 'any' ? result.type : column.type };
    });
    const list = kept.map((column) => typed(dialect, dialect.name(column.name), column));
    const sql = `select\n${indented(list.join(',\n'))}\nfrom (\n${indented(translated.sql)}\n) as rows_now`;
    return { sql, columns: kept };
}

function typed(dialect: Dialect, sql: string, { name, type }: EngineColumn): string {
    return `cast(${sql} as ${dialect.type(SQLITE_TYPE[type])}) as ${dialect.name(name)}`;
}

/** The query of a data test. */
export function testSelect(test: TestFile, dialect: Dialect, schema: EngineSchema, queries: QueryFiles): string {
    const written = queries.read('tests', test.name);
    if (written !== undefined) {
        return withoutEnd(written);
    }
    const select = test.statement.sql.replace(/\s*;$/, '');
    return translateQuery(select, dialect, schema, {
        file: test.file,
        text: test.text,
        offset: test.statement.offset,
        wanted: queries.nameOf('tests', test.name),
    }).sql;
}

function withoutEnd(text: string): string {
    return text.trim().replace(/\s*;$/, '');
}

/** Engines whose files stand for those of another one. */
export const READS_FILES_OF: Readonly<Record<Engine, readonly Engine[]>> = {
    spark: ['spark'],
    sail: ['sail', 'spark'],
    postgres: ['postgres'],
    duckdb: ['duckdb'],
};
