import { indentLines } from '../../../sql/indent-lines.ts';
import { quoteName } from '../../../sql/quote.ts';
import { type UpkeepSpec, upkeepNames } from './upkeep-spec.ts';
import { distinct } from './upkeep-sql.ts';

/** A data test: the part of its name after `<model>__`, and its text with its head. */
export interface MartTest {
    readonly badThing: string;
    readonly sql: string;
}

/**
 * The data tests that every mart of one SELECT has: its table is what the SELECT gives, for the keys reached in every
 * run and for all rows in a first run, and its key names one row. `isNarrow`: the SELECT can be asked for few keys.
 */
export function martTests(spec: UpkeepSpec, isNarrow: boolean): readonly MartTest[] {
    return [
        test(
            'not_its_definition',
            'changed',
            'the rows that this run brought up to date must be what the SELECT gives now',
            notItsDefinition(spec, isNarrow),
        ),
        test(
            'not_its_definition_anywhere',
            'all',
            'the whole table must be what the SELECT gives now, also where no change was noticed',
            notItsDefinitionAnywhere(spec),
        ),
        test(
            'key_not_unique',
            'all',
            'one row a key is what everything that joins the mart relies on',
            keyNotUnique(spec),
        ),
    ];
}

function test(badThing: string, scope: 'changed' | 'all', why: string, sql: string): MartTest {
    return { badThing, sql: `-- why: ${why}\n-- scope: ${scope}\n\n${sql}\n` };
}

/** Where few keys cannot be asked for, against the rows that were computed for the run. */
function notItsDefinition(spec: UpkeepSpec, isNarrow: boolean): string {
    const { model, columns, key, narrowed } = spec;
    if (spec.checked !== undefined) {
        return notAdded(spec, spec.checked);
    }
    const { dirty, fresh } = upkeepNames(model);
    const [name, list, tuple] = [quoteName(model), listOf(key), tupleOf(key)];
    const definition =
        isNarrow && narrowed !== undefined
            ? narrowed
            : `select *\nfrom ${quoteName(fresh)}\nwhere ${tuple} in (select ${list} from ${quoteName(dirty)})`;
    const same = (left: string, right: string): string =>
        key.map((column) => `${left}.${quoteName(column)} = ${right}.${quoteName(column)}`).join(' and ');
    const names = columns.map((column) => quoteName(column.name));
    return `with definition as materialized (
${definition}
)

select
    iif(held.${quoteName(key[0] ?? '')} is null, 'missing', 'different') as problem,
    definition.*
from definition
left join ${name} as held on ${same('held', 'definition')}
where ${distinct('held', 'definition', names)}

union all

select
    'must not be there' as problem,
    ${names.map((column) => `surplus.${column}`).join(',\n    ')}
from ${name} as surplus
where ${tuple} in (select ${list} from ${quoteName(dirty)})
    and not exists (select 1 from definition where ${same('definition', 'surplus')});`;
}

/** Of what is only ever added to: the rows that this run has added. */
function notAdded({ model, columns, key }: UpkeepSpec, added: string): string {
    const names = columns.map((column) => quoteName(column.name));
    const same = key.map((column) => `held.${quoteName(column)} = definition.${quoteName(column)}`).join(' and ');
    return `select
    iif(held.${quoteName(key[0] ?? '')} is null, 'missing', 'different') as problem,
    definition.*
from (
${added}
) as definition
left join ${quoteName(model)} as held on ${same}
where ${distinct('held', 'definition', names)};`;
}

const WIDE_COLUMNS = 500;

/**
 * Each row is looked up by its key: comparing the two as sets would sort both. The counts come first, so that the view
 * is asked again for rows only where something is wrong.
 */
function notItsDefinitionAnywhere({ model, columns, key, migrated }: UpkeepSpec): string {
    const { now } = upkeepNames(model);
    const [name, view, list, tuple] = [quoteName(model), quoteName(now), listOf(key), tupleOf(key)];
    const names = columns.map((column) => quoteName(column.name));
    const row = migrated?.hasRowid === false ? 'true' : 'held.rowid';
    const found = migrated?.hasRowid === false ? 'sum(held_row is not null)' : 'count(distinct held_row)';
    // Each column that is read counts as a term of the aggregate, and SQLite takes 2,000: a limit keeps them apart.
    const compared = names.length > WIDE_COLUMNS ? '(select held_row, is_wrong from compared limit -1)' : 'compared';
    return `with compared as not materialized (
    select
        definition.*,
        iif(held.${quoteName(key[0] ?? '')} is null, null, ${row}) as held_row,
        ${indentLines(distinct('held', 'definition', names), '        ')} as is_wrong
    from ${view} as definition
    left join ${name} as held on ${key.map((column) => `held.${quoteName(column)} = definition.${quoteName(column)}`).join(' and ')}
),

counted as materialized (
    select
        count(*) as defined,
        coalesce(${found}, 0) as found,
        coalesce(sum(is_wrong), 0) as wrong
    from ${compared}
)

select
    iif(compared.held_row is null, 'missing', 'different') as problem,
    compared.*
from counted
cross join compared
where counted.wrong > 0
    and compared.is_wrong

union all

-- Where the SELECT finds each row of the table, there are no others.
select
    'must not be there' as problem,
    ${names.map((column) => `surplus.${column}`).join(',\n    ')},
    null as held_row,
    null as is_wrong
from counted
cross join ${name} as surplus
where (counted.wrong > 0 or counted.found <> (select count(*) from ${name}))
    and ${tuple} not in (
        select ${list} from ${view} where ${key.map((column) => `${quoteName(column)} is not null`).join(' and ')}
    )

union all

-- Several rows of the SELECT find one row of the table.
select
    'there twice' as problem,
    ${names.map((column) => `repeated.${column}`).join(',\n    ')},
    null as held_row,
    null as is_wrong
from counted
cross join ${view} as repeated
where counted.wrong = 0
    and counted.defined > counted.found
    and ${tuple} in (select ${list} from ${view} group by ${list} having count(*) > 1);`;
}

function keyNotUnique({ model, key }: UpkeepSpec): string {
    const list = listOf(key);
    return `select ${list}, count(*) as rows_of_key
from ${quoteName(model)}
group by ${list}
having count(*) > 1 or ${key.map((column) => `${quoteName(column)} is null`).join(' or ')};`;
}

function listOf(key: readonly string[]): string {
    return key.map(quoteName).join(', ');
}

function tupleOf(key: readonly string[]): string {
    return key.length === 1 ? listOf(key) : `(${listOf(key)})`;
}
