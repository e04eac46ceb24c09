import { EltError } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import type { MartDefinition } from '../../project/mart-definition.ts';
import type { ParsedSelect } from '../../sql/grammar/parse-select.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import type { UpkeepRequest } from './mart-upkeep.ts';
import type { SchemaFacts } from './rules/schema-facts.ts';
import type { MartColumn, MigratedTable } from './text/upkeep-spec.ts';
import { type ColumnType, declaredType, isColumnType } from './types/column-type.ts';
import { selectTypes } from './types/select-types.ts';

/** The names of the result's columns, as SQLite gives them. */
export function resultNames(database: Database, { statement, file }: MartDefinition): readonly string[] {
    const names = database
        .prepare(statement.sql)
        .columns()
        .map(({ name }) => name);
    const lower = names.map((name) => name.toLowerCase());
    const twice = names.find((_, index) => lower.indexOf(lower[index] ?? '') !== index);
    if (twice !== undefined) {
        throw new EltError({
            code: 'MART_REFUSED',
            message: `two result columns of "${file}" are called "${twice}"`,
            where: `${file}:${statement.line}`,
            state: NOTHING_DONE,
            next: 'give one of them another name with "as"',
        });
    }
    return names;
}

const NOTHING_DONE = 'nothing was published: readers see what they saw before';

/** The key's columns as the result calls them. */
export function keyOf({ key, file, statement }: MartDefinition, names: readonly string[]): readonly string[] {
    return key.map((wanted) => {
        const name = names.find((one) => one.toLowerCase() === wanted.toLowerCase());
        if (name === undefined) {
            throw new EltError({
                code: 'MART_REFUSED',
                message: `the head of "${file}" names the key "${wanted}", which is no column of its SELECT`,
                where: `${file}:${statement.line}`,
                found: didYouMeanOrList(wanted, names, 'columns'),
                state: NOTHING_DONE,
                next: 'name columns of the SELECT that together name one row',
            });
        }
        return name;
    });
}

/** The columns of the mart's table: those that a migration declares, or those that follow from the SELECT. */
export function martColumns(
    request: UpkeepRequest,
    names: readonly string[],
    key: readonly string[],
    parsed: ParsedSelect | undefined,
    schema: SchemaFacts,
): { readonly columns: readonly MartColumn[]; readonly migrated: MigratedTable | undefined } {
    if (request.isMigrated) {
        return migratedColumns(request, names, key, schema);
    }
    const { types, file, statement } = request.definition;
    const told = parsed === undefined ? [] : selectTypes(parsed, schema);
    for (const name of types.keys()) {
        if (!names.includes(name)) {
            throw new EltError({
                code: 'MART_REFUSED',
                message: `the head of "${file}" gives a type to "${name}", which is no column of its SELECT`,
                where: `${file}:${statement.line}`,
                found: didYouMeanOrList(name, names, 'columns'),
                state: NOTHING_DONE,
                next: 'correct the line "-- column:"',
            });
        }
    }
    const columns = names.map((name, index): MartColumn => {
        const given = types.get(name);
        const type = told[index];
        return { name, type: given !== undefined && isColumnType(given) ? given : typeOrAny(type) };
    });
    return { columns, migrated: undefined };
}

function typeOrAny(type: string | undefined): ColumnType {
    return type !== undefined && isColumnType(type) ? type : 'any';
}

function migratedColumns(
    { name, definition, database }: UpkeepRequest,
    names: readonly string[],
    key: readonly string[],
    schema: SchemaFacts,
): { readonly columns: readonly MartColumn[]; readonly migrated: MigratedTable } {
    const table = schema.table(name);
    const { file, statement } = definition;
    if (table === undefined) {
        throw new EltError({
            code: 'MART_REFUSED',
            message: `the table "${name}" of "${file}" is created by a migration that is not applied`,
            where: `${file}:${statement.line}`,
            state: NOTHING_DONE,
            next: 'run "elt migrate"',
        });
    }
    const columns = names.map((column): MartColumn => {
        const declared = table.columns.find((one) => one.name.toLowerCase() === column.toLowerCase());
        if (declared === undefined) {
            throw new EltError({
                code: 'MART_REFUSED',
                message: `the table "${name}" has no column "${column}", which the SELECT of "${file}" gives`,
                where: `${file}:${statement.line}`,
                found: `a migration created it; its columns: ${table.columns.map((one) => one.name).join(', ')}`,
                state: NOTHING_DONE,
                next: `write a migration: alter table ${quoteName(name)} add column ${quoteName(column)} …; then run "elt migrate"`,
            });
        }
        return { name: declared.name, type: declaredType(declared.type, table.isStrict) };
    });
    return { columns, migrated: { hasRowid: hasRowid(database, name), hasKey: hasKey(database, name, key) } };
}

function hasRowid(database: Database, table: string): boolean {
    return (
        database.prepare("select wr from pragma_table_list where schema = 'main' and name = ?").pluck().get(table) === 0
    );
}

/** Whether the table itself keeps its key unique. An index that the upkeep makes is none of its own. */
function hasKey(database: Database, table: string, key: readonly string[]): boolean {
    const wanted = [...key]
        .map((name) => name.toLowerCase())
        .sort()
        .join('\0');
    const primary = database
        .prepare('select lower(name) from pragma_table_info(?) where pk > 0')
        .pluck()
        .all(table) as string[];
    const unique = database
        .prepare(`select name from pragma_index_list(?) where "unique" = 1 and partial = 0 and origin in ('u', 'pk')`)
        .pluck()
        .all(table) as string[];
    const columnsOf = database.prepare('select lower(name) from pragma_index_info(?)').pluck();
    const sets = [primary, ...unique.map((index) => columnsOf.all(index) as string[])];
    return sets.some((columns) => [...columns].sort().join('\0') === wanted);
}
