import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import { headerValue } from '../../project/file-head.ts';
import { type ModelFile, modelOf } from '../../project/model-files.ts';
import { quoteName } from '../../sql/quote.ts';
import { parseNames, parseRelation } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';
import type { CurrentColumn, CurrentSpec } from './current-spec.ts';
import { currentSql, isUnedited } from './current-sql.ts';

/** A model as this run uses it: the file's text or, for an unedited scaffold that is out of date, its new text. */
export interface FollowedModel {
    readonly model: ModelFile;
    /** The text differs from the file's. */
    readonly generated: boolean;
    /** Statements to run before the file: they add columns that its tables lack. */
    readonly alterations: readonly string[];
    /** The file is an unedited scaffold. */
    readonly scaffolded: boolean;
    /** What the scaffold is generated from; null for a file that a person wrote or edited. */
    readonly spec: CurrentSpec | null;
    /** The tables of the scaffold differ from it only by missing columns: no reason to rebuild. */
    readonly onlyAddsColumns: boolean;
    /** The column of its staging table that must land before it can run; null: none. */
    readonly waitsFor: string | null;
    /** For the user: the file is out of date, or was edited and lacks columns. */
    readonly warning: string | null;
}

/**
 * Keeps scaffolded folds in step with the stream. An unedited file folds as `elt scaffold` would write it now; an
 * edited one is left alone, with a warning if the stream has columns that it does not name.
 */
export function followDrift(
    database: Database,
    model: ModelFile,
    catalogue: readonly CatalogueRelation[],
): FollowedModel {
    const asIs: FollowedModel = {
        model,
        generated: false,
        alterations: [],
        scaffolded: false,
        spec: null,
        onlyAddsColumns: false,
        waitsFor: null,
        warning: null,
    };
    const relation = model.kind === 'current' ? relationOf(model, catalogue) : undefined;
    if (relation === undefined) {
        return asIs;
    }
    const spec = specOf(model, relation);
    const edited = !isUnedited(model.text);
    // A stream may begin with a truncate, which contains no columns, or with a delete, which contains only the key.
    const unseen = spec?.columns.find((column) => column.unseen === true && (edited || spec.key.includes(column.name)));
    if (unseen !== undefined) {
        return { ...asIs, waitsFor: `${relation.stagingTable}.${unseen.name}` };
    }
    if (edited || spec === undefined) {
        return { ...asIs, warning: edited ? unnamedColumns(model, relation) : null };
    }
    const text = currentSql(spec);
    const isBehind = text !== model.text;
    const alterations = missingColumns(database, spec);
    return {
        model: isBehind ? modelOf(model.name, model.kind, model.file, text) : model,
        generated: isBehind,
        alterations: alterations ?? [],
        scaffolded: true,
        spec,
        onlyAddsColumns: alterations !== null,
        waitsFor: null,
        warning:
            isBehind && spec.columns.every((column) => column.unseen !== true)
                ? `${model.file} is older than the stream's columns: "elt scaffold" updates it`
                : null,
    };
}

/** An edited file is left alone: its author decides about columns that it does not name. */
function unnamedColumns(model: ModelFile, relation: CatalogueRelation): string | null {
    const names = relation.columns
        .filter((column) => !model.text.includes(quoteName(column.columnName)))
        .map((column) => `"${column.columnName}"`);
    return names.length === 0
        ? null
        : `${model.file} was edited and does not name ${names.join(', ')}; add what you need, or run "elt scaffold"`;
}

/** The relation that a current table's file names in its head. */
export function relationOf(model: ModelFile, catalogue: readonly CatalogueRelation[]): CatalogueRelation | undefined {
    const named = parseRelation(headerValue(model.head, 'relation') ?? '');
    return catalogue.find((relation) => relation.schema === named?.schema && relation.table === named.table);
}

/**
 * The file's columns in its order, typed as in the catalogue now (or as in the file, if no change has contained them
 * yet), then the columns that it lacks.
 */
export function specOf(model: ModelFile, relation: CatalogueRelation): CurrentSpec | undefined {
    const key = parseNames(headerValue(model.head, 'key') ?? '', ',');
    const inFile = columnsInFile(model.text);
    const known = new Map(relation.columns.map((column) => [column.columnName, column.sqliteType]));
    const columns: CurrentColumn[] = inFile.map(({ name, type }) => {
        const seen = known.get(name);
        return seen === undefined ? { name, type, unseen: true } : { name, type: seen };
    });
    for (const [name, type] of known) {
        if (!inFile.some((column) => column.name === name)) {
            columns.push({ name, type });
        }
    }
    if (key === undefined || key.some((name) => !columns.some((column) => column.name === name))) {
        return undefined;
    }
    return {
        tail: relation.stagingTable.slice('stg_'.length),
        schema: relation.schema,
        table: relation.table,
        key,
        columns,
    };
}

/** The columns of the current table as the file creates it: one a line, as `elt scaffold` writes them. */
function columnsInFile(text: string): readonly CurrentColumn[] {
    const block = /^create table if not exists [^\n]* \(\n((?: {4}[^\n]*\n)+)\) strict;$/m.exec(text)?.[1] ?? '';
    return [...block.matchAll(/^ {4}(?:"((?:[^"]|"")+)"|(\w+)) (integer|real|text)/gm)].map((match) => ({
        name: match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
        type: (match[3] ?? 'text').toUpperCase() as CurrentColumn['type'],
    }));
}

/** `alter table` statements that add the missing columns; null if the tables differ in anything else. */
function missingColumns(database: Database, spec: CurrentSpec): readonly string[] | null {
    const alterations: string[] = [];
    for (const table of [`current_${spec.tail}`, `changed_${spec.tail}`]) {
        const existing = database
            .prepare("select name, lower(type) as type from pragma_table_info(?) where name not glob '_*'")
            .all(table) as { name: string; type: string }[];
        if (existing.length === 0) {
            continue;
        }
        const wanted = new Map(
            spec.columns.map((column) => [column.name, column.type === 'ANY' ? 'text' : column.type.toLowerCase()]),
        );
        if (existing.some((column) => wanted.get(column.name) !== column.type)) {
            return null;
        }
        const names = new Set(existing.map((column) => column.name));
        for (const [name, type] of wanted) {
            if (!names.has(name)) {
                alterations.push(`alter table ${quoteName(table)} add column ${quoteName(name)} ${type}`);
            }
        }
    }
    const keyColumns = database
        .prepare('select name from pragma_index_info(?) order by seqno')
        .pluck()
        .all(`key_${spec.tail}`);
    return keyColumns.length > 0 && keyColumns.join('\0') !== spec.key.join('\0') ? null : alterations;
}
