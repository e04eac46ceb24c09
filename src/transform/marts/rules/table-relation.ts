import { NotCovered, type Reading, type Relation, type Row } from './reading.ts';
import type { ColumnFacts, TableFacts } from './schema-facts.ts';
import { columnValue, type Told } from './value.ts';
import { EMPTY_WAY, type Occurrence } from './way.ts';

/** A table of the schema: its rows, and those that a run touched. */
export function tableRelation(table: TableFacts, alias: string, reading: Reading): Relation {
    const { images } = table;
    if (table.isCollated) {
        throw new NotCovered(`"${table.name}" has a column that makes one text of several by its collation`);
    }
    const names = table.columns.map(({ name }) => name.toLowerCase());
    const row = (isChanged: boolean): Row => {
        const id = reading.nextOccurrence();
        const occurrence: Occurrence = { id, kind: 'table', table, alias };
        return {
            way: { ...EMPTY_WAY, occurrences: [occurrence], start: isChanged ? id : undefined },
            columns: columnsOf(id, table.columns, isChanged && images.kind === 'recorded' ? images.columns : undefined),
        };
    };
    const changes = (): readonly Row[] => {
        switch (images.kind) {
            case 'recorded':
            case 'staged':
                return [row(true)];
            case 'unrecorded':
                return [ranRow(images.model, names, reading)];
            case 'refilled':
            case 'unfilled':
                return [];
        }
    };
    return { names, rows: [row(false)], changes: changes() };
}

/** `held`: the columns that images have; nothing is told of the others. */
function columnsOf(
    id: number,
    columns: readonly ColumnFacts[],
    held: ReadonlySet<string> | undefined,
): ReadonlyMap<string, Told> {
    return new Map(
        columns.map(({ name, type, affinity, isRequired }) => {
            const isTold = held?.has(name.toLowerCase()) ?? true;
            const value = isTold ? columnValue({ occurrence: id, column: name, type }, affinity, isRequired) : null;
            return [name.toLowerCase(), value];
        }),
    );
}

/** Of a table whose images stand nowhere: that its model has run, and nothing of its rows. */
function ranRow(model: string, names: readonly string[], reading: Reading): Row {
    const id = reading.nextOccurrence();
    return {
        way: { ...EMPTY_WAY, occurrences: [{ id, kind: 'ran', model }], start: id },
        columns: new Map(names.map((name) => [name, null])),
    };
}
