import { describe, expect, test } from 'vitest';
import { EltError } from '../../../src/core/errors.ts';
import { bindParameters } from '../../../src/query/answer.ts';
import { questionOf } from '../../../src/query/question.ts';

function codeOf(work: () => unknown): string {
    try {
        work();
        return 'none';
    } catch (error) {
        if (error instanceof EltError) {
            return error.code;
        }
        throw error;
    }
}

const question = (head: string, sql: string) => questionOf('q', 'sql/p/api/q.sql', `${head}\n${sql}`);

describe('the head of a question', () => {
    test.each([
        ['an unknown type', '-- param: n number', 'select :n;', 'SQL_HEADER'],
        ['a default that is no date', '-- param: d date default today', 'select :d;', 'SQL_HEADER'],
        ['a range of text', '-- param: t text range a..b', 'select :t;', 'SQL_HEADER'],
        ['required with a default', '-- param: n integer required default 1', 'select :n;', 'SQL_HEADER'],
        ['a parameter that the SELECT does not use', '-- param: n integer', 'select 1;', 'SQL_HEADER'],
        ['a parameter that the head does not declare', '', 'select :n;', 'SQL_HEADER'],
        ['a parameter without a name', '', 'select ?;', 'SQL_HEADER'],
        ['one declared twice', '-- param: n integer\n-- param: n integer', 'select :n;', 'SQL_HEADER'],
        ['an unknown key', '-- parameter: n integer', 'select 1;', 'SQL_HEADER'],
        ['two statements', '', 'select 1; select 2;', 'SQL_STATEMENT'],
        ['a statement that changes something', '', 'delete from t;', 'SQL_STATEMENT'],
    ])('%s', (_, head, sql, code) => {
        expect(codeOf(() => question(head, sql))).toBe(code);
    });
});

describe('the value of a parameter', () => {
    const asked = question(
        '-- param: n integer default 10 range 1..100\n-- param: d date range 2020-01-01..2020-12-31\n-- param: u uuid\n-- param: t text',
        'select :n, :d, :u, :t;',
    );
    const uuid = '2f6debfd-3d68-43c3-ae64-e9089dbed67a';

    test('is typed, or the default, or null', () => {
        expect(bindParameters(asked, new Map())).toEqual({ n: 10n, d: null, u: null, t: null });
        const given = new Map([
            ['n', '100'],
            ['d', '2020-02-29'],
            ['u', uuid],
            ['t', ''],
        ]);
        expect(bindParameters(asked, given)).toEqual({ n: 100n, d: '2020-02-29', u: uuid, t: '' });
    });

    test.each([
        ['n', '0'],
        ['n', '101'],
        ['n', '1.0'],
        ['n', ''],
        ['n', '99999999999999999999'],
        ['d', '2019-12-31'],
        ['d', '2020-13-01'],
        ['d', '2020-1-1'],
        ['u', 'x'],
        ['x', '1'],
    ])('%s=%s is refused', (name, text) => {
        expect(codeOf(() => bindParameters(asked, new Map([[name, text]])))).toBe('COMMAND_WRONG');
    });
});
