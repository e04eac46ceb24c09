import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';

/** A column of an export. */
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
 * The columns of a table or view with their types, as declared if the table is strict. Any other column may contain
 * any value, whatever its declaration, so its type is that of all its values: a double for integers mixed with reals if
 * a double can represent them, and text for every other mixture.
 */
export function exportColumns(database: Database, table: string): readonly ExportColumn[] {
    const statement = database.prepare(`select * from ${quoteName(table)}`);
    const strict = strictTables(database);
    const columns = statement.columns().map(({ name, type, table: origin }) => ({
        name,
        declared: DECLARED[type?.toLowerCase() ?? ''],
        isCertain: strict.has(origin ?? '') && DECLARED[type?.toLowerCase() ?? ''] !== undefined,
    }));
    const uncertain = columns.filter(({ isCertain }) => !isCertain).map(({ name }) => name);
    const types = uncertain.length === 0 ? [] : foundTypes(database, table, uncertain);
    const found = new Map(uncertain.map((name, index) => [name, types[index]]));
    return columns.map(({ name, declared }) => ({ name, type: found.get(name) ?? declared ?? 'text' }));
}

function strictTables(database: Database): ReadonlySet<string> {
    const names = database.prepare('select name from pragma_table_list where strict').pluck().all();
    return new Set(names as string[]);
}

/** Each column takes five result columns, and SQLite allows 2,000. */
const COLUMNS_AT_ONCE = 300;

const FACTS = [
    "typeof(?) = 'integer'",
    "typeof(?) = 'real'",
    "typeof(?) = 'text'",
    "typeof(?) = 'blob'",
    "typeof(?) = 'integer' and ? not between -9007199254740992 and 9007199254740992",
];

/** The type of each column's values; undefined if all are null. */
function foundTypes(database: Database, table: string, names: readonly string[]): (ExportColumn['type'] | undefined)[] {
    const types: (ExportColumn['type'] | undefined)[] = [];
    for (let from = 0; from < names.length; from += COLUMNS_AT_ONCE) {
        const some = names.slice(from, from + COLUMNS_AT_ONCE);
        const asked = some.flatMap((name) =>
            FACTS.map((fact) => `max(${fact.replaceAll('?', () => quoteName(name))})`),
        );
        const statement = database.prepare(`select ${asked.join(', ')} from ${quoteName(table)}`).raw();
        const row = statement.get() as (number | null)[];
        for (const index of some.keys()) {
            types.push(typeOf(row.slice(index * FACTS.length, (index + 1) * FACTS.length).map((found) => found === 1)));
        }
    }
    return types;
}

function typeOf([integer, real, text, blob, beyondDouble]: readonly boolean[]): ExportColumn['type'] | undefined {
    if (text || (blob && (integer || real)) || (real && beyondDouble)) {
        return 'text';
    }
    return blob ? 'blob' : real ? 'real' : integer ? 'integer' : undefined;
}
