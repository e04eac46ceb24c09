import { EltError } from '../../core/errors.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { createdObject } from '../../sql/schema-object.ts';
import { statementTargets } from '../../sql/statement-targets.ts';

/**
 * Throws `MODEL_UNFILLED` for the first file that neither fills nor creates what it is named after: it would run without
 * an error and leave nothing, or a table that belongs to no model.
 */
export function refuseUnfilled(models: readonly ModelFile[]): void {
    for (const model of models) {
        const isBareSelect = model.statements.length === 1 && model.statements[0]?.kind === 'select';
        const names = changedNames(model);
        if (!isBareSelect && !names.some((name) => name.toLowerCase() === model.name.toLowerCase())) {
            throw unfilled(model, [...new Set(names)]);
        }
    }
}

/** What the file writes, creates as a table or a view, or renames a table to. */
function changedNames(model: ModelFile): readonly string[] {
    return model.statements.flatMap(({ sql }) => {
        const created = createdObject(sql);
        const isRelation = created?.type === 'table' || created?.type === 'view';
        return statementTargets(sql)
            .filter(({ verb }) => verb === 'writes' || verb === 'takes' || (verb === 'creates' && isRelation))
            .flatMap(({ name }) => (/^elt_/i.test(name) ? [] : [name]));
    });
}

function unfilled({ name, kind, file, statements }: ModelFile, names: readonly string[]): EltError {
    const written = names.length > 0 ? `it fills ${names.map((one) => `"${one}"`).join(', ')}` : 'it fills nothing';
    const other = names.length === 1 && kind !== 'current' ? `name the file after "${names[0]}", or write:` : 'write:';
    const form =
        kind === 'view'
            ? [`drop view if exists ${name};`, `create view ${name} as select …;`]
            : [`create table if not exists ${name} (…);`, `delete from ${name};`, `insert into ${name} select …;`];
    return new EltError({
        code: 'MODEL_UNFILLED',
        message: `"${file}" fills no table or view "${name}"`,
        where: `${file}:${statements[0]?.line ?? 1}`,
        found: `${statements.length === 0 ? 'it has no statement' : written}; expected: a file fills the table that it is named after`,
        state: 'nothing was run: readers see what they saw before',
        next: [other, ...form].join('\n'),
    });
}
