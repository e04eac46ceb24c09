import { describe, expect, onTestFinished, test } from 'vitest';
import { EltError } from '../../../src/core/errors.ts';
import { type ModelFile, modelOf } from '../../../src/project/model-files.ts';
import { orderOfModels } from '../../../src/transform/plan/kept-order.ts';
import { close, migratedDatabase } from '../../support/bench-database.ts';

const OTHER = `create table if not exists other (x integer primary key) strict;
create view other_now as select x from other;
create trigger other_added after insert on other begin delete from other where x = 0; end;
insert into other select x from stg_t;`;

const OWN = 'create table if not exists mart (x integer) strict;';

function model(name: string, text: string): ModelFile {
    return modelOf(name, 'mart', `sql/p/marts/${name}.sql`, text);
}

/** The error for a file `mart` beside a file `other`; undefined: none. */
async function errorOf(text: string): Promise<EltError | undefined> {
    const database = await migratedDatabase('none');
    onTestFinished(() => close(database));
    database.exec('create table stg_t (_seq integer primary key, x integer) strict');
    database.exec('create view through as select x from stg_t');
    database.exec(
        'create trigger through_added instead of insert on through begin insert into stg_t (x) values (new.x); end',
    );
    try {
        orderOfModels(database, [model('mart', text), model('other', OTHER)]);
        return undefined;
    } catch (error) {
        if (error instanceof EltError) {
            return error;
        }
        throw error;
    }
}

describe('a model is refused before anything runs if it', () => {
    const cases: readonly (readonly [what: string, sql: string, named: string])[] = [
        ['inserts into staging', 'insert into stg_t (x) values (1);', 'stg_t'],
        ['updates staging', 'update stg_t set x = 1;', 'stg_t'],
        ['updates staging, or ignores', 'update or ignore stg_t set x = 1;', 'stg_t'],
        ['empties staging', 'delete from stg_t;', 'stg_t'],
        ['deletes from staging by its schema and in quotes', 'delete from main."STG_T" where x = 1;', 'STG_T'],
        ['replaces in staging', 'replace into stg_t (_seq, x) values (1, 1);', 'stg_t'],
        [
            'writes staging behind a with',
            'with one as (select 1 as x) insert into stg_t (x) select x from one;',
            'stg_t',
        ],
        [
            'writes staging behind a with of an odd name',
            'with replace as (select 1 as x) delete from stg_t where x in (select x from replace);',
            'stg_t',
        ],
        ['writes staging through a view', 'insert into through (x) values (1);', 'stg_t'],
        ['drops staging', 'drop table stg_t;', 'stg_t'],
        ['drops staging if it exists', 'drop table if exists main.stg_t;', 'stg_t'],
        ['alters staging', 'alter table stg_t add column y integer;', 'stg_t'],
        ['makes a table that looks like staging', 'create table if not exists stg_u (x integer);', 'stg_u'],
        ['makes a temporary table before staging', 'create temp table stg_t (x integer);', 'stg_t'],
        ['renames a table to staging', 'alter table mart rename to stg_u;', 'stg_u'],
        ['puts a trigger on staging', 'create trigger t after insert on stg_t begin select 1; end;', 'stg_t'],
        ['puts a unique index on staging', 'create unique index mart_x on stg_t (x);', 'stg_t'],
        [
            'has a trigger that writes staging, which nothing fires',
            'create trigger t after insert on mart begin select 1; update stg_t set x = case x when 1 then 2 end; end;',
            'stg_t',
        ],
        [
            'has a trigger on a view that writes staging',
            'create view v as select 1 as x; create trigger t instead of insert on v begin insert into stg_t (x) values (1); end;',
            'stg_t',
        ],
        ['writes the ledger', "update elt_loads set state = 'loaded';", 'elt_loads'],
        ['writes the stream', 'update elt_stream set whole_seq = 0;', 'elt_stream'],
        ['drops a control table', 'drop table elt_rejects;', 'elt_rejects'],
        ['drops a trigger of a control table', 'drop trigger elt_watermarks_moved;', 'elt_watermarks_moved'],
        ['moves every watermark', 'update elt_watermarks set watermark = 0;', 'elt_watermarks'],
        [
            "moves another model's watermark",
            "update elt_watermarks set watermark = 0 where model = 'other';",
            'elt_watermarks',
        ],
        [
            'moves more than its own watermark',
            "update elt_watermarks set watermark = 0 where 1 or model = 'mart';",
            'elt_watermarks',
        ],
        ...[
            ['sets a watermark', "set rowless = 1, watermark = 5 where model = 'mart'"],
            ['sets several at once', "set (rowless, watermark) = (1, 5) where model = 'mart'"],
            ['counts for another model', "set rowless = rowless + 1 where model = 'other'"],
            ['counts for every model', 'set rowless = rowless + 1'],
            ['counts for more than itself', "set rowless = 1 where model = 'mart' and new.x = 1 or 1"],
        ].map(([what, set]): readonly [string, string, string] => [
            `has a trigger that ${what}`,
            `create trigger t after insert on mart begin update elt_watermarks ${set}; end;`,
            'elt_watermarks',
        ]),
        [
            'has a trigger that counts, and then deletes watermarks',
            "create trigger t after insert on mart begin update elt_watermarks set rowless = 1 where model = 'mart'; delete from elt_watermarks; end;",
            'elt_watermarks',
        ],
        ['deletes watermarks', "delete from elt_watermarks where model = 'mart';", 'elt_watermarks'],
        ['makes a watermark up', "insert into elt_watermarks values ('mart', 9, 9, 9, 9);", 'elt_watermarks'],
        [
            'has a trigger that moves its watermark',
            "create trigger t after insert on mart begin update elt_watermarks set watermark = 9 where model = 'mart'; end;",
            'elt_watermarks',
        ],
        ["writes another model's table", 'insert into other (x) values (1);', 'other'],
        ["drops another model's table", 'drop table if exists other;', 'other'],
        ["alters another model's table", 'alter table other rename to gone;', 'other'],
        ["renames its table to another model's", 'alter table mart rename to other;', 'other'],
        ["renames its table to another model's, in quotes", 'alter table main."mart" rename to "OTHER";', 'OTHER'],
        ["renames its table to another model's view", 'alter table mart rename to other_now;', 'other_now'],
        ["makes a table of another model's name", 'create table if not exists other (y integer);', 'other'],
        ["makes another model's table anew", 'drop table if exists other;\ncreate table other (y integer);', 'other'],
        ["drops another model's view", 'drop view other_now;', 'other_now'],
        ["drops another model's trigger", 'drop trigger other_added;', 'other_added'],
    ];
    test.each(cases)('%s', async (_, sql, named) => {
        const error = await errorOf(`${OWN}\n${sql}`);
        expect(error?.code).toBe('MODEL_OVERREACH');
        expect(error?.exitStatus).toBe(6);
        expect(error?.message).toContain(`"${named}"`);
        expect(error?.facts.where).toBe('sql/p/marts/mart.sql:2');
        expect(error?.facts.found).toBeTruthy();
        expect(error?.facts.state).toBeTruthy();
        expect(error?.facts.next).toBeTruthy();
    });

    test.each(['pragma synchronous = off;', 'pragma writable_schema = on;', 'PRAGMA journal_mode(delete);'])(
        'holds %s',
        (sql) => {
            expect(() => model('mart', sql).statements).toThrow(expect.objectContaining({ code: 'SQL_FORBIDDEN' }));
        },
    );
});

describe('a model may', () => {
    test.each([
        [
            'count rows that never came in its own row, by a trigger',
            "create trigger counts after insert on mart begin update elt_watermarks set rowless = max(rowless, 1, 2), rowless_seq = 7 where model = 'mart' and (new.x = 1 or new.x = 2); end;",
        ],
        ['begin its watermark', "insert or ignore into elt_watermarks (model) values ('mart');"],
        [
            'move its watermark',
            "update elt_watermarks set watermark = (select whole_seq from elt_stream where 1) where model = 'mart';",
        ],
        ['index staging for its reads', 'create index mart_by_x on stg_t (x);'],
        ["index another model's table", 'create index mart_by_other on other (x);'],
        [
            "be told by a trigger on another model's table",
            'create trigger told after delete on other begin insert into mart (x) values (old.x); end;',
        ],
        [
            'write its own table by its trigger',
            'create trigger own after insert on mart begin delete from mart where x = new.x - 1; end;',
        ],
        ['name staging in a string', "insert into mart (x) select 1 where 'delete from stg_t' = '';"],
        ['call a column as a word of SQL', 'create table if not exists mart_words ("update" integer, "on" text);'],
        [
            'fill a table that no file makes',
            'drop view if exists mart_now; create view mart_now as select x from mart;',
        ],
    ])('%s', async (_, sql) => {
        expect((await errorOf(`${OWN}\n${sql}`))?.facts).toBeUndefined();
    });
});
