import type { Psql } from '../support/psql.ts';
import { createSql, type Relation } from './relation.ts';
import { identifier, literal } from './value-type.ts';
import { INTEGER, VALUE_TYPES, WORLD_TYPES_SQL } from './value-types.ts';

/** One table with a column of every type the workload knows; a column is called after its type. */
export const TYPE_MATRIX: Relation = {
    schema: 'public',
    name: 'type_matrix',
    columns: [
        { name: 'id', type: INTEGER, notNull: true },
        ...VALUE_TYPES.map((type) => ({ name: `of ${type.name}`, type })),
    ],
    key: ['id'],
    unique: ['id'],
    identity: 'default',
    cases: [],
};

/** How many rows it takes until each odd value of each type has occurred. */
const ROWS = Math.max(...VALUE_TYPES.map((type) => type.odd.length));

/** Makes the table and writes every odd value: as inserted, and again as updated to. Row 0 is null in every column. */
export async function fillTypeMatrix(session: Psql): Promise<void> {
    await session.sql(WORLD_TYPES_SQL + createSql(TYPE_MATRIX));
    await session.sql('insert into type_matrix (id) values (0), (-1);');
    for (let row = 0; row < ROWS; row++) {
        const values = VALUE_TYPES.map((type) => type.odd[row] ?? type.odd.at(-1) ?? 'null');
        await session.sql(`insert into type_matrix values (${[row + 1, ...values].join(', ')});`);
        const set = VALUE_TYPES.map((type, index) => `${identifier(`of ${type.name}`)} = ${values[index]}`);
        await session.sql(`update type_matrix set ${set.join(', ')} where id = -1;`);
    }
}

/** Columns whose text in the stream is not that of `column::text`, with one such value each. */
export async function differsFromCast(session: Psql): Promise<string[]> {
    const differing: string[] = [];
    for (const column of TYPE_MATRIX.columns) {
        const name = identifier(column.name);
        const count = await session.sql(`select count(*) from type_matrix where ${name}::text is distinct from
            case when num_nulls(${name}) = 1 then null else format(${literal('%s')}, ${name}) end;`);
        if (count !== '0') {
            differing.push(column.name);
        }
    }
    return differing;
}
