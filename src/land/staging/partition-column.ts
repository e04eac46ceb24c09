import { EltError } from '../../core/errors.ts';
import type { ColumnShape } from '../../core/stream-event.ts';
import type { CatalogueRelation } from '../../ledger/catalogue.ts';
import { relationText } from '../../sql/relation-name.ts';
import { relationKey } from './staging-names.ts';

export interface RelationName {
    readonly schema: string;
    readonly table: string;
}

/**
 * Where partitions land as one relation: which one a row is in, as PostgreSQL's own `tableoid::regclass` shows it. No
 * column of a table can have this name there.
 */
export const TABLEOID: ColumnShape = { name: 'tableoid', type: 'regclass' };

/** The stream never contains it. */
export function isOfPartition({ sourceName }: Pick<CatalogueRelation['columns'][number], 'sourceName'>): boolean {
    return sourceName === TABLEOID.name;
}

/** What a table has landed as a relation of its own would be missing in the other one. */
export function refuseLanded(
    relations: ReadonlyMap<string, CatalogueRelation>,
    leaf: RelationName,
    parent: RelationName,
): void {
    const isItself = leaf.schema === parent.schema && leaf.table === parent.table;
    if (!isItself && relations.has(relationKey(leaf.schema, leaf.table))) {
        const name = relationText(leaf.schema, leaf.table);
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `${name} cannot land as a part of ${relationText(parent.schema, parent.table)}`,
            found: 'changes of it have landed as a table of its own, and would be missing there',
            next: 'load the sources into a new database with --db, or take the line "partitions" out of pipeline.sql',
        });
    }
}
