import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { renderError } from '../../../src/core/errors.ts';
import { hintFor } from '../../../src/sql/error/hint-for.ts';
import { sqlError } from '../../../src/sql/error/sql-error.ts';
import { splitStatements } from '../../../src/sql/statements.ts';

const database = new Database(':memory:');
database.exec(`
    create table event (id integer primary key, flow_id text not null, amount integer check (amount < 9), doc text) strict;
    create view broken as select * from stg_gone;
    create view flat as select id from event;
    create table refers (id integer references event (id));
    insert into event values (1, 'a', 1, '{'), (2, 'b', 2, '{}');
`);
database.pragma('foreign_keys = on');
afterAll(() => {
    database.close();
});
const NAMES = ['event', 'flow_id', 'amount', 'stg_transaction'];

function messageOf(sql: string): string {
    try {
        const statement = database.prepare(sql);
        statement.reader ? statement.all() : statement.run();
    } catch (error) {
        return (error as Error).message;
    }
    throw new Error(`SQLite takes this: ${sql}`);
}

describe('hints', () => {
    const cases: readonly (readonly [name: string, sql: string, hint: RegExp | undefined])[] = [
        [
            'an upsert after a bare select',
            'insert into event (id) select id from event on conflict do nothing',
            /`where true`/,
        ],
        ['`do` for another reason', 'select do', undefined],
        ['a double-quoted string', 'select "insert" from event', /write 'insert' for a string/],
        ['a double-quoted column that is misspelt', 'select "flowid" from event', /"flow_id"/],
        ['a column that is misspelt', 'select event.amout from event', /did you mean "amount"\?/],
        ['a table that is misspelt before a column', 'select evnt.amount from event', /did you mean "event"\?/],
        [
            'an inserted column that is misspelt',
            'insert into event (id, amout) values (1, 2)',
            /did you mean "amount"\?/,
        ],
        ['a column without a near name', 'select xyz from event', undefined],
        ['a staging table that is misspelt', 'select * from stg_transacton', /did you mean "stg_transaction"\?/],
        [
            'a staging table that has not landed',
            'select * from stg_customer',
            /nothing has landed in "stg_customer" yet/,
        ],
        [
            'a current table that nobody has scaffolded',
            'select * from current_transaction',
            /"elt scaffold --all" writes the file that fills "current_transaction"/,
        ],
        [
            'a name that a view uses',
            'select * from broken',
            /nothing has landed in "stg_gone"|is not in this statement/,
        ],
        ['text that is not JSON', "select doc ->> 'a' from event", /json_valid/],
        ['a path that is not one', "select json_extract('{}', 'a')", /begins with `\$`/],
        ['an unbound name', 'select :since', /":since" has no value/],
        ['an unbound place', 'select ?', /"\?" has no value/],
        ['a text in an integer column', "update event set amount = 'x'", /STRICT.*text.*TEXT instead of INTEGER/],
        ['a key twice', "insert into event values (1, 'x', 1, null)", /same \(id\)/],
        ['null in a not null column', 'insert into event (id) values (9)', /null in "event.flow_id"/],
        ['a check', 'update event set amount = 10', /violates a check/],
        ['a reference', 'insert into refers values (77)', /references one that does not exist/],
        ['too many values', 'insert into event values (1)', /insert into event \(a, b, …\)/],
        ['values and columns', 'insert into event (id) values (1, 2)', /same length/],
        ['an ambiguous name', 'select id from event as a, event as b', /`<table>.id`/],
        ['an aggregate in where', 'select id from event where sum(id) > 1', /having/],
        ['a window function in where', 'select id from event where row_number() over () > 1', /CTE/],
        ['a view created twice', 'create view flat as select 1', /drop view if exists flat;/],
        ['a write to a view', 'delete from flat', /INSTEAD OF/],
        ['a conflict without a key', 'insert into event (id) values (1) on conflict (doc) do nothing', /unique index/],
        ['a missing semicolon', 'select id from event\nselect 1', /lack its `;`/],
        ['a trailing comma', 'select id, from event', /remove the comma/],
        ['a template', 'select {{ x }}', /no templating/],
        ["a function of the shell's", "select readfile('x')", /only in the sqlite3 shell/],
        ["another database's function", 'select nvl(id, 1) from event', /coalesce/],
        ["another database's clock", 'select now()', /must not read the clock/],
    ];
    test.each(cases)('%s', (_, sql, hint) => {
        const said = hintFor(messageOf(sql), sql, NAMES);
        if (hint === undefined) {
            expect(said).toBeUndefined();
        } else {
            expect(said).toMatch(hint);
            expect(said).not.toMatch(/^(?!SQL)[A-Z]|[.]$/);
        }
    });
});

test('the whole error', () => {
    const text = `-- grain: one row an event
drop view if exists metrics_now;
create table metrics_now as
select
\tevent.id,
\tevent.amout,
\tevent.flow_id
from event;
`;
    const [, statement] = splitStatements(text, 'sql/x/marts/metrics.sql');
    if (statement === undefined) {
        throw new Error('no second statement');
    }
    let error: unknown;
    try {
        database.prepare(statement.sql);
    } catch (thrown) {
        error = thrown;
    }
    const thrown = sqlError({
        file: 'sql/x/marts/metrics.sql',
        text,
        statement,
        error,
        prepare: (sql) => {
            try {
                database.prepare(sql);
                return null;
            } catch (refused) {
                return (refused as Error).message;
            }
        },
        names: NAMES,
        state: 'nothing was published',
    });
    expect(thrown.code).toBe('SQL_STATEMENT');
    expect(renderError(thrown)).toBe(
        `
error SQL_STATEMENT: SQLite refuses a statement of "sql/x/marts/metrics.sql"
  where:  sql/x/marts/metrics.sql:6:2
  found:  no such column: event.amout
            4 | select
            5 |     event.id,
          > 6 |     event.amout,
              |     ^
            7 |     event.flow_id
  state:  nothing was published
  next:   did you mean "amount"?`.trim(),
    );
});
