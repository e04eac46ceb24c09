import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { locateSqlError } from '../../../src/sql/error/locate.ts';
import { lineAndColumn } from '../../../src/sql/excerpt.ts';
import { propertyRuns } from '../../support/properties.ts';

const database = new Database(':memory:');
database.exec(`
    create table event (id integer primary key, flow_id text, amount integer, doc text) strict;
    create table request (id integer primary key, flow_id text);
    create view broken as select * from gone;
    create view flat as select id from event;
    create index event_flow on event (flow_id);
    create trigger event_added after insert on request begin insert into missing values (new.id); end;
`);
afterAll(() => {
    database.close();
});

function prepare(sql: string): string | null {
    try {
        database.prepare(sql);
        return null;
    } catch (error) {
        return (error as Error).message;
    }
}

/** SQLite's message on preparing or running, and the place that is reported. */
function locate(sql: string): { readonly message: string; readonly offset: number } {
    let message = prepare(sql);
    if (message === null) {
        try {
            const statement = database.prepare(sql);
            statement.reader ? statement.all() : statement.run();
        } catch (error) {
            message = (error as Error).message;
        }
    }
    if (message === null) {
        throw new Error(`SQLite takes this: ${sql}`);
    }
    return { message, offset: locateSqlError({ statement: sql, message, prepare }) };
}

describe('the place of an error is marked with ¦', () => {
    const cases: readonly (readonly [name: string, marked: string])[] = [
        ['a misspelt keyword', '¦selec 1'],
        ['a trailing comma', "select id, -- from\n 'from', ¦from event"],
        [
            'the same token good before and bad after',
            'select id from event where id in (select id from event ¦from request)',
        ],
        ['the first of two bad ones', 'select 1 from ¦from event from from'],
        ['a parenthesis too many', 'select (id)¦) from event'],
        ['an upsert after a bare select', 'insert into event (id) select id from request on conflict ¦do nothing'],
        ['a keyword for a name', 'create table x (id integer, ¦order text)'],
        ['a missing comma', 'select id flow_id ¦amount from event'],
        ['a string for a token', "select 'a' x ¦'a' from event"],
        ['a missing semicolon', 'select 1\n¦select 2;'],
        ['an unrecognized token', 'select id, ¦{x} from event'],
        ['a number glued to a word', 'select 1, ¦1abc'],
        ['a number with two separators', 'select 1_0, ¦1__0'],
        ['an odd blob', "select x'00', ¦x'0'"],
        ['an end too early', 'select (1 +¦ '],
        ['an end too early, comment behind', 'select 1 +¦ -- more'],

        ['an unknown column', 'select id, ¦nope from event'],
        ['an unknown column, name in a string and a comment before', "select 'nope', /* nope */ ¦nope from event"],
        ['an unknown column of a table', 'select nope.id, ¦event.nope from event, event as nope'],
        ['a quoted column', 'select "id", ¦"no pe" from event'],
        ['a double-quoted string', `select 'new', ¦"new" from event`],
        ['upper case', 'select ¦NOPE from event'],
        [
            'a column that only one of two subqueries has',
            'select (select amount from event), (select ¦amount from request)',
        ],
        ['… the other way round', 'select (select ¦amount from request), (select amount from event)'],
        [
            'a column that is an alias first',
            'select flow_id as amount from request where id = 1 union all select ¦amount from request',
        ],
        [
            'an alias first, then twice wrong',
            'select flow_id as amount from request union all select ¦amount || amount from request',
        ],
        ['a column list', 'insert into event (id, ¦nope) values (1, 2)'],
        [
            'the second of two inserts into the same table',
            "insert into event (id) select id from request where flow_id = 'nope' returning ¦nope",
        ],
        ['the target of set', 'update event set amount = 1, ¦nope = 2'],
        [
            'the target of set beside a good use',
            'update event set ¦nope = 1 where id in (select nope from (select 1 as nope))',
        ],
        [
            'the alias of a new name',
            "create table x as select id, ¦nope from (select id as nope_, id as id, 'nope' from event)",
        ],
        ['behind set', 'update event set amount = ¦nope'],
        ['order by', 'select id from event order by id, ¦nope'],
        ['a window', 'select sum(id) over (partition by ¦nope) from event'],
        ['a join condition', 'select event.id from event join request on request.flow_id = ¦event.flow'],
        ['using', 'select event.id from event join request using (¦amount)'],
        ['an index', 'create index i on event (flow_id, ¦nope)'],
        ['a schema-qualified column', 'select event.id, ¦main.event.nope from event'],
        [
            'a CTE that lacks a column which its source has',
            'with a as (select id from event where amount > 1) select a.id, ¦a.amount from a',
        ],
        [
            'the column of a CTE without a prefix',
            'with a as (select id from event where amount > 1) select id, ¦amount from a',
        ],
        ['limit', 'select id from event limit ¦id'],

        ['an ambiguous column', 'select event.flow_id, ¦flow_id from event, request'],
        ['an ambiguous column beside a good one', 'select (select flow_id from event), ¦id from event, request'],
        ['… of the same name', 'select (select max(id) from event), ¦id from event, request'],

        ['an unknown table', 'select * from event join ¦nope on true'],
        ['an unknown table, column of the same name', 'select nope from ¦nope'],
        ['an unknown table in quotes', 'select * from ¦"no pe"'],
        ['an unknown table of a schema', 'select * from ¦main.nope'],
        ['insert into an unknown table', 'insert into ¦nope (id) select id from event'],
        [
            'a table known in one place (a CTE) only',
            'select * from (with nope as (select 1) select * from nope) join ¦nope',
        ],
        ['a star of a table that is not there', 'select ¦request.* from event'],
        ['drop table', 'drop table ¦nope'],
        ['drop view', 'drop view ¦nope'],
        ['alter table', 'alter table ¦nope add column a'],
        ['a table that only a view names', '¦select * from broken'],
        ['a table that only a trigger names', '¦insert into request (id) values (7)'],

        ['an unknown function', "select 'nope(1)', nope, ¦nope(1) from (select 1 as nope)"],
        ['a wrong number of arguments', 'select abs(1), ¦abs(1, 2)'],
        ['the first of two wrong numbers, nested good ones before', 'select abs(abs(1)), ¦abs(1, 2), abs(3, 4)'],
        ['… in the inner call', 'select abs(¦abs(1, 2))'],
        ['an aggregate in where', 'select sum(amount) from event where ¦sum(amount) > 1'],
        ['an aggregate in itself', 'select sum(¦sum(amount)) from event'],
        ['a window function in where', 'select row_number() over () from event where ¦row_number() over () = 1'],
        ['raise outside of a trigger', "select ¦raise(abort, 'x')"],

        ['too many values', 'insert into ¦event values (1, 2, 3, 4, 5)'],
        ['values and columns of different length', 'insert into ¦event (id) values (1, 2)'],
        ['rows of different length', '¦values (1), (1, 2)'],
        ['arms of different length', 'select 1 ¦union all select 1, 2'],
        ['a subquery with two columns', 'select (select 1), ¦(select 1, 2)'],
        ['a subquery with two columns in another', 'select (select ¦(select 1, 2))'],
        [
            'a conflict on columns without an index',
            'insert into event (id) values (1) ¦on conflict (amount) do nothing',
        ],
        ['order by a number', 'select 1 ¦order by 2'],
        ['a table that exists', 'create table ¦event (id)'],
        ['a column twice', 'create table x (a, b, ¦a)'],
        ['an index that exists', 'create index ¦event_flow on event (id)'],
        ['an unknown type', 'create table x (a text, b ¦uuid) strict'],
        ['a view that cannot be written', 'insert into ¦flat (id) values (1)'],

        ['JSON, read in one place', "select id from (select 1 as id) where '{' ¦->> 'a' = 1"],
        ['JSON, read in two places', "¦select '{' ->> 'a', json_extract('{', '$')"],
        ['a wrong type', "insert into ¦event (id, amount) values (1, 'x')"],
    ];
    test.each(cases)('%s', (_, marked) => {
        const expected = marked.indexOf('¦');
        const sql = marked.replace('¦', '');
        const { message, offset } = locate(sql);
        const shown = `${sql.slice(0, offset)}¦${sql.slice(offset)}`;
        expect(`${message}: ${shown}`).toBe(`${message}: ${marked}`);
        expect(lineAndColumn(sql, offset)).toEqual(lineAndColumn(sql, expected));
    });
});

/** Expressions and queries over `event` that SQLite accepts, as tokens. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom('id', 'amount', 'event.id', '"flow_id"', "'nope ('", '/* nope */ 1', '1.5', 'null', '[doc]'),
        fc
            .tuple(tie('expression'), fc.constantFrom('+', '||', '=', 'and'), tie('expression'))
            .map((parts) => parts.join(' ')),
        tie('expression').map((inner) => `( ${inner} )`),
        tie('expression').map((inner) => `coalesce( ${inner} , id )`),
        tie('expression').map((inner) => `case when ${inner} then 'end' else 2 end`),
        tie('expression').map((inner) => `(\n select ${inner} from event where nope_ = 1 )`.replace('nope_', 'amount')),
        tie('expression').map((inner) => `max( ${inner} , 1 ) -- nope (\n`),
    ),
}));
const query = fc
    .array(expression, { minLength: 1, maxLength: 4 })
    .map((columns) => `select ${columns.join(' , ')} from event`);

/** Places of operands, which can be replaced by other operands. */
function operandsOf(sql: string): readonly { readonly offset: number; readonly end: number }[] {
    return [...sql.matchAll(/(?<=[ (])(?:id|amount|1\.5|null)(?= )/g)].map((match) => ({
        offset: match.index,
        end: match.index + match[0].length,
    }));
}

describe('an injected mistake is found where it was injected', () => {
    const injections: readonly (readonly [name: string, wrong: string])[] = [
        ['an unknown column', 'nope'],
        ['an unknown column of a table', 'event.nope'],
        ['a double-quoted string', '"nope nope"'],
        ['an unknown function', 'nope( 1 )'],
        ['a wrong number of arguments', 'coalesce( 1 )'],
        ['an unrecognized token', '1nope'],
        ['a token that does not fit', 'from'],
        ['an unknown table', 'nope'],
    ];
    test.each(injections)('%s', (name, wrong) => {
        fc.assert(
            fc.property(query, fc.nat(), (valid, choice) => {
                const places = operandsOf(valid);
                fc.pre(places.length > 0);
                const { offset, end } = places[choice % places.length] as { offset: number; end: number };
                const injected = name === 'an unknown table' ? '( select id from nope )' : wrong;
                const sql = valid.slice(0, offset) + injected + valid.slice(end);
                fc.pre(prepare(valid) === null);
                const found = locate(sql);
                expect(found.offset, `${found.message} in ${sql}`).toBe(offset + injected.indexOf(wrong));
            }),
            propertyRuns(150),
        );
    });
});

test('a place is always inside the statement, and few statements are prepared', () => {
    const soup = fc
        .array(
            fc.constantFrom(
                'select',
                'from',
                'event',
                'id',
                'nope',
                '(',
                ')',
                ',',
                "'a'",
                '1',
                'where',
                'case',
                'end',
                '"x"',
                ';',
                '+',
                'count(*)',
                '--c\n',
            ),
            { maxLength: 15 },
        )
        .map((words) => words.join(' '));
    fc.assert(
        fc.property(soup, (statement) => {
            let asked = 0;
            const counted = (sql: string): string | null => {
                asked++;
                return prepare(sql);
            };
            const message = prepare(statement) ?? 'no such column: nope';
            const offset = locateSqlError({ statement, message, prepare: counted });
            expect(offset).toBeGreaterThanOrEqual(0);
            expect(offset).toBeLessThanOrEqual(statement.length);
            expect(asked).toBeLessThan(100);
        }),
        propertyRuns(500),
    );
});

test('of very many candidates the first is named, without probing', () => {
    const statement = `select ${Array(1000).fill('nope').join(', ')} from event`;
    const refuse = (): string => {
        throw new Error('asked');
    };
    expect(locateSqlError({ statement, message: 'no such column: nope', prepare: refuse })).toBe('select '.length);
});
