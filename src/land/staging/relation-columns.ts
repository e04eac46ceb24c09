import { RefusedChange } from '../../core/refused-change.ts';
import { COLUMNS_MAX } from '../../core/storage-types.ts';
import type { Shape } from '../../core/stream-event.ts';
import type { CatalogueColumn, CatalogueRelation } from '../../ledger/catalogue.ts';
import { foldedName, stagingColumn } from './staging-names.ts';

/** The columns of a relation by name: a wide table is named and compared in time that grows with its columns alone. */
export class RelationColumns {
    readonly #relation: CatalogueRelation;
    readonly #bySource = new Map<string, CatalogueColumn>();
    readonly #folded = new Set<string>();

    constructor(relation: CatalogueRelation) {
        this.#relation = relation;
        for (const column of relation.columns) {
            this.#note(column);
        }
    }

    /** The column that the source calls so. */
    of(sourceName: string): CatalogueColumn | undefined {
        return this.#bySource.get(sourceName);
    }

    /** What a new column of the source is called here: its own name where that is free. */
    nameFor(sourceName: string): string {
        return stagingColumn(sourceName, (candidate) => this.#folded.has(foldedName(candidate)));
    }

    get count(): number {
        return this.#bySource.size;
    }

    add(column: CatalogueColumn): void {
        this.#relation.columns.push(column);
        this.#note(column);
    }

    #note(column: CatalogueColumn): void {
        this.#bySource.set(column.sourceName, column);
        this.#folded.add(foldedName(column.columnName));
    }
}

/**
 * Before anything is changed: a table that SQLite refuses would be half made.
 * @throws RefusedChange
 */
export function refuseTooWide(shape: Shape, known: RelationColumns | undefined): void {
    const names = new Set([...shape.columns, ...shape.oldColumns].map(({ name }) => name));
    const added = [...names].filter((name) => known?.of(name) === undefined).length;
    const count = (known?.count ?? 0) + added;
    if (count > COLUMNS_MAX) {
        const detail = `its table would have ${count} columns, ${added} of them new; SQLite holds ${COLUMNS_MAX}`;
        throw new RefusedChange('too-many-columns', detail);
    }
}
