import { quoteName } from '../sql-text.ts';
import type { Database } from '../store/database.ts';

/** A column as it is exported. */
export interface ExportColumn {
    readonly name: string;
    readonly type: 'integer' | 'real' | 'text' | 'blob';
}

const DECLARED: Readonly<Record<string, ExportColumn['type']>> = {
    integer: 'integer',
    int: 'integer',
    real: 'real',
    text: 'text',
    blob: 'blob',
};

/**
 * The columns of a table or view with their types: as declared, and where nothing is declared (`any`, or an expression
 * of a view) as all the values are; where they differ, text.
 */
export function exportColumns(database: Database, table: string): readonly ExportColumn[] {
    const statement = database.prepare(`select * from ${quoteName(table)}`);
    const columns = statement.columns().map(({ name, type }) => ({ name, type: DECLARED[type?.toLowerCase() ?? ''] }));
    const unknown = columns.filter((column) => column.type === undefined).map((column) => column.name);
    const found = new Map(
        unknown.length === 0 ? [] : unknown.map((name, index) => [name, foundTypes(database, table, unknown)[index]]),
    );
    return columns.map(({ name, type }) => ({ name, type: type ?? found.get(name) ?? 'text' }));
}

function foundTypes(database: Database, table: string, names: readonly string[]): ExportColumn['type'][] {
    const counts = names.flatMap((name) =>
        ['integer', 'real', 'text', 'blob'].map((type) => `max(typeof(${quoteName(name)}) = '${type}')`),
    );
    const row = database
        .prepare(`select ${counts.join(', ')} from ${quoteName(table)}`)
        .raw()
        .get() as (number | null)[];
    return names.map((_, index) => {
        const [integer, real, text, blob] = row.slice(index * 4, index * 4 + 4).map((found) => found === 1);
        if (text || (blob && (integer || real))) return 'text';
        if (blob) return 'blob';
        return real ? 'real' : integer ? 'integer' : 'text';
    });
}
