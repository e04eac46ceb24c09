import { isUnedited } from '../scaffold/current-sql.ts';
import { nameOf, significantTokens } from '../sqlfile/sql-tokens.ts';
import type { CatalogueRelation } from '../store/catalogue.ts';
import { relationOf } from './follow-drift.ts';
import type { ModelFile } from './model-files.ts';

/**
 * Columns that unedited files of current tables name, but no change has shown: a stream may begin with a truncate
 * (no columns at all), a delete (the key alone) or an update that leaves columns out. What needs them waits.
 * Each name comes with the place where it will land, `stg_<table>.<column>`.
 */
export function columnsNotLanded(
    models: readonly ModelFile[],
    catalogue: readonly CatalogueRelation[],
): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const model of models.filter((one) => one.kind === 'current' && isUnedited(one.text))) {
        const relation = relationOf(model, catalogue);
        for (const column of relation === undefined ? [] : columnsOf(model)) {
            if (!relation?.columns.some((landed) => landed.columnName === column)) {
                found.set(column.toLowerCase(), `${relation?.stagingTable}.${column}`);
            }
        }
    }
    return found;
}

/** The columns of the table that a scaffolded file creates: one a line, its name first. */
function columnsOf(model: ModelFile): string[] {
    const create = model.statements.find((statement) => statement.kind === 'create')?.sql ?? '';
    return create
        .split('\n')
        .filter((line) => line.startsWith('    '))
        .flatMap((line) => nameOf(significantTokens(line)[0]) ?? []);
}
