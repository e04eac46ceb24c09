import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EltError } from '../core/errors.ts';
import type { SqliteType } from '../core/storage-types.ts';
import { foldedName, stagingTail } from '../land/staging/staging-names.ts';
import { textWithin } from '../process/within-folder.ts';
import type { DeclaredSource } from '../project/declared-source.ts';
import { headerValue } from '../project/file-head.ts';
import { decodeFileName, type ModelFile, modelOf, OLD_CURRENT, UPKEEP } from '../project/model-files.ts';
import { parseRelation, relationText } from '../sql/relation-name.ts';
import { declaredTable } from '../sqlite/declared-table.ts';

/**
 * Rows of `public.shop__orders` and changes of `shop.orders` would want one name. Where a current table of the pipeline
 * reads the one, the other is not landed: whatever got the name first, the models would read it.
 * @throws EltError COMMAND_WRONG
 */
export function refuseClaimedName(sqlFolder: string, pipeline: string, rows: DeclaredSource): void {
    const { schema, table, file } = rows;
    const model = currentFile(sqlFolder, pipeline, rows);
    const claimed = model === undefined ? undefined : parseRelation(headerValue(model.head, 'relation') ?? '');
    if (claimed === undefined || (claimed.schema === schema && claimed.table === table)) {
        return;
    }
    const relation = relationText(claimed.schema, claimed.table);
    throw new EltError({
        code: 'COMMAND_WRONG',
        message: `${relationText(schema, table)} cannot be landed: the current table of ${relation} has its name`,
        where: file ?? model?.file,
        found: `"-- relation: ${relation}" in ${model?.file}`,
        state: 'nothing was landed',
        next: `if they are rows of ${relation}, say --table ${relation}; else give the table another name`,
    });
}

/** The columns of a relation as its current table stores them, where nothing of it has landed yet. */
export function currentColumns(
    sqlFolder: string,
    pipeline: string,
    rows: DeclaredSource,
): readonly { readonly name: string; readonly stored: SqliteType }[] {
    const model = currentFile(sqlFolder, pipeline, rows);
    const create = model?.statements.find((statement) => statement.kind === 'create');
    const declared = create === undefined ? undefined : declaredTable(create.sql);
    return (declared?.columns ?? []).map(({ name, type }) => ({
        name,
        stored: type === 'integer' ? 'INTEGER' : type === 'real' ? 'REAL' : 'TEXT',
    }));
}

/** The current table's file whose name the staging table of a relation would have. */
function currentFile(sqlFolder: string, pipeline: string, { schema, table }: DeclaredSource): ModelFile | undefined {
    const tail = foldedName(stagingTail(schema, table, () => false));
    for (const [folder, prefix] of [
        [UPKEEP, 'current_'],
        [OLD_CURRENT, ''],
    ] as const) {
        const path = join(sqlFolder, pipeline, folder);
        const name = (existsSync(path) ? readdirSync(path) : []).find(
            (file) => file.endsWith('.sql') && foldedName(decodeFileName(file)) === prefix + tail,
        );
        if (name !== undefined) {
            const text = textWithin(dirname(sqlFolder), join(path, name));
            const model = `${prefix === '' ? 'current_' : ''}${decodeFileName(name)}`;
            return modelOf(model, 'current', `sql/${pipeline}/${folder}/${name}`, text);
        }
    }
    return undefined;
}
