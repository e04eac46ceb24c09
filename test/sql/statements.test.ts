import { spawnSync } from 'node:child_process';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { refuseForbidden } from '../../src/sql/refuse-forbidden.ts';
import { splitStatements } from '../../src/sql/statements.ts';
import { significantTokens } from '../../src/sql/tokens.ts';
import { propertyRuns } from '../support/properties.ts';

// On CI a missing shell is a failure, not a reason to skip.
const hasShell = process.env.CI !== undefined || spawnSync('sqlite3', ['--version']).status === 0;

describe('splitting', () => {
    const cases: readonly (readonly [name: string, text: string, statements: readonly string[]])[] = [
        ['nothing', '', []],
        ['comments and semicolons only', '-- a;\n;; /* b; */ ;', []],
        ['two on a line', 'select 1; select 2;', ['select 1;', 'select 2;']],
        ['a semicolon in a string', "select ';''; ';select 2;", ["select ';''; ';", 'select 2;']],
        [
            'semicolons in quoted names',
            'select 1 as ";", 2 as `;`, 3 as [;];',
            ['select 1 as ";", 2 as `;`, 3 as [;];'],
        ],
        ['a semicolon in a comment', 'select 1 -- ;\n + /* ; */ 2;', ['select 1 -- ;\n + /* ; */ 2;']],
        ['a comment before', '-- head\n\nselect 1;', ['select 1;']],
        ['a comment between the last token and the semicolon', 'select 1 -- x\n;', ['select 1 -- x\n;']],
        ['a byte order mark', '\ufeffselect 1;', ['select 1;']],
        [
            'a trigger with two statements',
            'create trigger a after insert on t begin select 1; select 2; end; select 3;',
            ['create trigger a after insert on t begin select 1; select 2; end;', 'select 3;'],
        ],
        [
            'case … end inside a trigger',
            'create trigger a after insert on t begin select case when 1 then case 2 when 2 then 3 end end; end;select 4;',
            [
                'create trigger a after insert on t begin select case when 1 then case 2 when 2 then 3 end end; end;',
                'select 4;',
            ],
        ],
        [
            '`begin` and `end` as quoted names',
            'create temp trigger "begin" after insert on "end" begin insert into "end" select "end" from [begin]; end; select 5;',
            [
                'create temp trigger "begin" after insert on "end" begin insert into "end" select "end" from [begin]; end;',
                'select 5;',
            ],
        ],
        [
            '`begin` and `end` as bare names',
            'create temporary trigger begin after insert on end begin insert into end select end from begin; end; select 6;',
            [
                'create temporary trigger begin after insert on end begin insert into end select end from begin; end;',
                'select 6;',
            ],
        ],
        [
            'comments around the end of a trigger',
            'create /* x */ trigger if not exists a after insert on t begin select 1; -- end;\n end /* ; */ ; select 7;',
            [
                'create /* x */ trigger if not exists a after insert on t begin select 1; -- end;\n end /* ; */ ;',
                'select 7;',
            ],
        ],
        [
            'explain create trigger',
            'explain query plan create trigger a after insert on t begin select 1; end; select 8;',
            ['explain query plan create trigger a after insert on t begin select 1; end;', 'select 8;'],
        ],
        ['a table named trigger', 'create table "trigger"(a); select 1;', ['create table "trigger"(a);', 'select 1;']],
        [
            'a trigger without a body',
            'create trigger a after insert on t; select 1;',
            ['create trigger a after insert on t;', 'select 1;'],
        ],
        ['a dot-command', "select 1;\n.print it's\nselect 2;", ['select 1;', ".print it's", 'select 2;']],
        ['a number with a leading dot', 'select\n.5;', ['select\n.5;']],
        ['carriage returns', 'select 1;\r\nselect 2;\r\n', ['select 1;', 'select 2;']],
    ];
    test.each(cases)('%s', (_, text, statements) => {
        const split = splitStatements(text, 'f.sql');
        expect(split.map((statement) => statement.sql)).toEqual(statements);
        for (const { sql, offset, line } of split) {
            expect(text.slice(offset, offset + sql.length)).toBe(sql);
            expect(line).toBe(text.slice(0, offset).split('\n').length);
        }
    });
});

describe('kinds', () => {
    const cases: readonly (readonly [sql: string, kind: string, isQuery: boolean])[] = [
        ['SELECT 1', 'select', true],
        ['values (1)', 'values', true],
        ['with a as (select 1) select * from a', 'select', true],
        [
            'with recursive a(b, c) as (select 1), d as not materialized (select 2) insert into t select * from a',
            'insert',
            false,
        ],
        ['with "as" as (select 1) update t set a = 1', 'update', false],
        ['with replace(select_) as materialized (select 1) delete from t', 'delete', false],
        ['with a as (values (1)) replace into t select * from a', 'replace', false],
        ['with a as (select 1)', 'with', false],
        ['insert into t values (1) returning a', 'insert', true],
        ['insert into t(returning_) values (1)', 'insert', false],
        ['update t set a = (select "returning") returning *', 'update', true],
        ['delete from t', 'delete', false],
        ['pragma table_info(t)', 'pragma', true],
        ['explain query plan select 1', 'explain', true],
        ['create view v as select 1', 'create', false],
        ['drop table t', 'drop', false],
        ['alter table t add column a', 'alter', false],
        ['reindex', 'reindex', false],
        ['selec 1', 'other', false],
        ['"select" 1', 'other', false],
    ];
    test.each(cases)('%s', (sql, kind, isQuery) => {
        const [statement] = splitStatements(`/* x */ ${sql};`, 'f.sql');
        expect([statement?.kind, statement?.isQuery]).toEqual([kind, isQuery]);
    });
});

function thrownBy(work: () => unknown): EltError {
    try {
        work();
    } catch (error) {
        expect(error).toBeInstanceOf(EltError);
        return error as EltError;
    }
    throw new Error('nothing was thrown');
}

describe('files that end too early', () => {
    const cases: readonly (readonly [name: string, text: string, where: string, says: string])[] = [
        ['in a string', "select 1;\nselect 'a;\n", 'f.sql:2:8', 'inside a string that opens on line 2'],
        ['in a blob', "\nselect x'0a;", 'f.sql:2:8', 'inside a string'],
        ['in a quoted name', '\n\nselect [a;', 'f.sql:3:8', 'inside a quoted name'],
        ['in a comment', 'select 1;\n/* x\nselect 2;', 'f.sql:2:1', 'inside a comment that opens on line 2'],
        ['without the last semicolon', 'select 1;\nselect\n2\n-- end', 'f.sql:3:2', 'no `;`'],
        ['in a trigger', '\ncreate trigger a after insert on t begin select 1; select 2;', 'f.sql:2:1', 'no `end;`'],
    ];
    test.each(cases)('%s', (_, text, where, says) => {
        const error = thrownBy(() => splitStatements(text, 'f.sql'));
        expect(error.code).toBe('SQL_INCOMPLETE');
        expect(error.exitStatus).toBe(6);
        expect(error.facts.where).toBe(where);
        expect(error.message).toContain(says);
        expect(error.facts.found).toContain('^');
    });

    test('a NUL character', () => {
        const error = thrownBy(() => splitStatements("select 1;\nselect 'a\0';", 'f.sql'));
        expect([error.code, error.facts.where]).toEqual(['SQL_STATEMENT', 'f.sql:2:10']);
    });
});

describe('what a file must not contain', () => {
    const cases: readonly (readonly [text: string, where: string])[] = [
        ['select 1;\n.read x.sql\n', 'f.sql:2'],
        ['.quit', 'f.sql:1'],
        ['-- a\nBEGIN;', 'f.sql:2'],
        ['commit;', 'f.sql:1'],
        ['end transaction;', 'f.sql:1'],
        ['rollback;', 'f.sql:1'],
        ['savepoint a;', 'f.sql:1'],
        ['release a;', 'f.sql:1'],
        ["/* a\n */ attach 'b' as c;", 'f.sql:2'],
        ['detach c;', 'f.sql:1'],
        ["vacuum into 'x';", 'f.sql:1'],
        ['pragma synchronous = off;', 'f.sql:1'],
    ];
    test.each(cases)('%s', (text, where) => {
        const error = thrownBy(() => refuseForbidden(splitStatements(text, 'f.sql'), 'f.sql'));
        expect([error.code, error.facts.where]).toEqual(['SQL_FORBIDDEN', where]);
        expect(error.message).toContain('because');
    });

    test('everything else passes', () => {
        const text = 'create trigger a after insert on t begin select 1; end; reindex; analyze;';
        expect(() => refuseForbidden(splitStatements(text, 'f.sql'), 'f.sql')).not.toThrow();
    });
});

const PIECES = [
    "insert into t values ('a;b', 'it''s; -- /* ');",
    'insert into t ("a", [b]) values (1, 2) on conflict do nothing;',
    "update t set b = case when a then 'end; begin' else b end;",
    'create table if not exists "x;y" ("begin", [end], `c;d`);',
    "drop trigger if exists g; create trigger g after insert on t begin insert into log select case when new.a then 'x;' end; delete from log where \"end\" = ';'; end;",
    'drop trigger if exists begin; create temp trigger begin after update on t begin select 1; end;',
    'drop trigger if exists h; create trigger if not exists h before delete on t when old.a is not null begin insert into log values (old.a); -- end;\n end;',
    'drop view if exists v; create view v as select a as ";" from t;',
    "with n(a) as (select 1 union all select a + 1 from n where a < 3) insert into t select a, x'3b' from n where true;",
    'delete from t where a = 1;',
    'select ";"."a" from t as ";";',
    "replace into t values (';', null) returning *;",
    'explain create trigger z after insert on t begin select 1; end;',
    'values (1);',
];
const SEPARATORS = [
    '',
    ' ',
    '\n',
    ';',
    ' ; ;',
    '-- c; begin\n',
    '/* d; \' " */',
    '\n\t/**/\r\n',
    '/* create trigger */',
    '\ufeff',
];
const PREFIX = 'create table if not exists t(a, b); create table if not exists log("end");\n';

const sqlFile = fc
    .array(fc.tuple(fc.constantFrom(...SEPARATORS), fc.constantFrom(...PIECES)), { maxLength: 12 })
    .chain((pieces) => fc.constantFrom(...SEPARATORS).map((tail) => PREFIX + pieces.flat().join('') + tail));

function contentOf(database: Database.Database): unknown {
    const tables = ['t', 'log', 'sqlite_schema', 'sqlite_temp_schema'];
    return tables.map((table) => database.prepare(`select * from ${table}`).raw().all());
}

test('the statements one by one do the same as the whole file', () => {
    fc.assert(
        fc.property(sqlFile, (text) => {
            const whole = new Database(':memory:');
            whole.exec(text);
            const oneByOne = new Database(':memory:');
            let end = 0;
            for (const { sql, offset } of splitStatements(text, 'f.sql')) {
                const between = significantTokens(text.slice(end, offset));
                expect(between.filter((token) => token.kind !== 'semicolon')).toEqual([]);
                end = offset + sql.length;
                // `prepare` refuses a text with more than one statement, or none.
                const statement = oneByOne.prepare(sql);
                statement.reader ? statement.all() : statement.run();
            }
            expect(significantTokens(text.slice(end)).filter((token) => token.kind !== 'semicolon')).toEqual([]);
            expect(contentOf(oneByOne)).toEqual(contentOf(whole));
            whole.close();
            oneByOne.close();
        }),
        propertyRuns(150),
    );
});

/** What the sqlite3 shell prints for a script. */
function shellSays(input: string): string {
    return spawnSync('sqlite3', ['-bail', ':memory:'], { input, encoding: 'utf8' }).stdout;
}

test.skipIf(!hasShell)('the sqlite3 shell comes to the same database', () => {
    const content = (sql: string): string | undefined =>
        shellSays(`${sql}\n;\nselect 'content'; select quote(a), quote(b) from t; select sql from sqlite_schema;`)
            .split('content\n')
            .at(1);
    fc.assert(
        fc.property(sqlFile, (text) => {
            // Each statement by itself, after one that the shell cannot read as a part of it.
            const separate = splitStatements(text, 'f.sql').map(({ sql }) => `select 1;\n${sql}`);
            const expected = content(text);
            expect(expected).toBeDefined();
            expect(content(separate.join('\n'))).toBe(expected);
        }),
        propertyRuns(25),
    );
});

test.skipIf(!hasShell)('the sqlite3 shell takes each statement for complete, and no less of it', () => {
    // While a statement is incomplete, the shell reads a dot-command as a part of it.
    const isComplete = (sql: string): boolean => shellSays(`${PREFIX}${sql}\n.print complete`).endsWith('complete\n');
    for (const piece of PIECES) {
        for (const { sql } of splitStatements(piece, 'f.sql')) {
            expect(isComplete(sql), sql).toBe(true);
            expect(isComplete(sql.slice(0, -1)), sql).toBe(false);
        }
    }
});
