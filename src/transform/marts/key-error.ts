import { EltError } from '../../core/errors.ts';
import type { MartDefinition } from '../../project/mart-definition.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { sqliteCode } from '../../sqlite/database-error.ts';
import { RefusedStatement } from '../../sqlite/run-statement.ts';
import { upkeepNames } from './text/upkeep-spec.ts';

const EXAMPLES_MAX = 3;

/** The error of a mart whose SELECT gives two rows for a key, or one whose key is null; any other one as it is. */
export function asKeyError(
    database: Database,
    model: string,
    definition: MartDefinition | undefined,
    error: unknown,
): unknown {
    if (definition === undefined || !(error instanceof RefusedStatement) || !isOfKey(model, definition, error.lower)) {
        return error;
    }
    const { file, statement, key } = definition;
    return new EltError({
        code: 'MART_KEY',
        message: `the key of "${file}" does not name one row of its SELECT`,
        where: `${file}:${statement.line}`,
        found: examples(database, model, key).join('\n'),
        state: 'nothing was published: readers see what they saw before',
        next: `name more columns in "-- key: ${key.join(', ')}", or write the SELECT so that each key has one row and none is null`,
        cause: error.lower,
    });
}

/** SQLite's own message names the columns of the constraint: `UNIQUE constraint failed: spent_fresh.country`. */
function isOfKey(model: string, { key }: MartDefinition, error: unknown): boolean {
    const isOfOne = /^SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY|NOTNULL)$/.test(sqliteCode(error));
    const columns =
        /constraint failed: (.+)$/.exec(error instanceof Error ? error.message : '')?.[1]?.split(', ') ?? [];
    const tables = [model, upkeepNames(model).fresh];
    return isOfOne && columns.length > 0 && columns.every((column) => isKeyColumn(column.toLowerCase()));

    function isKeyColumn(column: string): boolean {
        return tables.some((table) => key.some((name) => column === `${table}.${name}`.toLowerCase()));
    }
}

function examples(database: Database, model: string, key: readonly string[]): readonly string[] {
    const list = key.map(quoteName).join(', ');
    const isNull = key.map((name) => `${quoteName(name)} is null`).join(' or ');
    const rows = database
        .prepare(
            `select count(*), ${key.map((name) => `quote(${quoteName(name)})`).join(', ')}
            from ${quoteName(upkeepNames(model).now)}
            group by ${list}
            having count(*) > 1 or ${isNull}
            limit ${EXAMPLES_MAX}`,
        )
        .raw()
        .all() as [number, ...string[]][];
    return rows.map(([count, ...values]) => {
        const named = key.map((name, index) => `${name} = ${values[index] === 'NULL' ? 'null' : values[index]}`);
        return `${count} ${count === 1 ? 'row has' : 'rows have'} ${named.join(', ')}`;
    });
}
