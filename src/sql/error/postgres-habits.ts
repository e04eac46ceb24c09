import type { SqlToken } from '../tokens.ts';

/** One habit of PostgreSQL's SQL: what SQLite says about it, how the statement looks, and SQLite's form. */
interface Habit {
    /** SQLite's message. */
    readonly message: RegExp;
    /** The statement's tokens, in lower case with one space between them and every string as `''`. */
    readonly code?: RegExp;
    readonly hint: string;
}

const noFunction = (names: string): RegExp => new RegExp(`^no such function: (?:${names})$`, 'i');
const noTable = (names: string): RegExp => new RegExp(`^no such table: (?:${names})$`, 'i');
const near = (words: string): RegExp => new RegExp(`^near "(?:${words})": syntax error$`, 'i');

const HABITS: readonly Habit[] = [
    { message: /^unrecognized token: ":"$/, code: /: :/, hint: 'write `cast(x as text)` for `x::text`' },
    {
        message: near('ilike'),
        hint: 'write `like`: in SQLite it ignores the case of ASCII letters. For other letters compare `lower(x)`',
    },
    {
        message: /^(?:no such column: interval|near "'[^"]*'": syntax error)$/i,
        code: /\binterval ''/,
        hint: "SQLite has no intervals: `datetime(x, '-1 day')`, `date(x, '+1 month')`, with `x` cut to `substr(x, 1, 19)` where it ends in an offset such as `+00`",
    },
    {
        message: near('from'),
        code: /\bextract \(/,
        hint: "write `cast(strftime('%Y', substr(x, 1, 19)) as integer)` for `extract(year from x)`; `%m`, `%d`, `%H` for the others",
    },
    {
        message: noFunction('date_part'),
        hint: "write `cast(strftime('%Y', substr(x, 1, 19)) as integer)` for `date_part('year', x)`",
    },
    {
        message: noFunction('date_trunc'),
        hint: 'write `substr(x, 1, 10)` for the day of a timestamp, `substr(x, 1, 7)` for its month, `substr(x, 1, 13)` for its hour',
    },
    {
        message: noFunction('to_char|date_format'),
        hint: "write `strftime('%Y-%m-%d', substr(x, 1, 19))` for a time, `printf('%.2f', x)` for a number",
    },
    { message: noFunction('to_timestamp'), hint: "write `datetime(x, 'unixepoch')`" },
    {
        message: noFunction('now|getdate|age'),
        hint: "a model must not read the clock: its rows would change without a change. Questions and figures may: `datetime('now')`; a difference in days is `julianday(a) - julianday(b)`",
    },
    {
        message: near('on'),
        code: /\bdistinct on \(/,
        hint: 'SQLite has no `distinct on`: number the rows in a CTE with `row_number() over (partition by … order by …)` and keep those with 1',
    },
    {
        message: /^(?:near "~|unrecognized token: "!")/,
        code: /(?:! )?~/,
        hint: "SQLite has no regular expressions: `like 'a%'`, `glob '[0-9]*'`, or `instr(x, 'a') > 0`",
    },
    {
        message: noFunction('regexp_\\w+'),
        hint: 'SQLite has no regular expressions: `replace`, `substr`, `instr`, `like` and `glob` are what there is',
    },
    {
        message: near('similar'),
        hint: "SQLite has no `similar to`: write several `like`, or `glob '[0-9]*'`",
    },
    {
        message: near('select|\\('),
        code: /\blateral \(/,
        hint: 'SQLite has no `lateral`: use a correlated subquery in the select list, a window function, or `json_each` (which may use columns of tables before it)',
    },
    {
        message: noFunction('greatest'),
        hint: 'write `max(a, b)` with several arguments; it is null as soon as one of them is',
    },
    {
        message: noFunction('least'),
        hint: 'write `min(a, b)` with several arguments; it is null as soon as one of them is',
    },
    { message: noFunction('left'), hint: 'write `substr(x, 1, n)` for `left(x, n)`' },
    { message: noFunction('right'), hint: 'write `substr(x, -n)` for `right(x, n)`' },
    { message: noFunction('char_length|character_length'), hint: 'write `length(x)`' },
    { message: noFunction('strpos'), hint: 'write `instr(x, part)` for `strpos(x, part)`' },
    { message: noFunction('chr'), hint: 'write `char(n)` for `chr(n)`' },
    { message: noFunction('ascii'), hint: 'write `unicode(x)` for `ascii(x)`' },
    {
        message: noFunction('lpad|rpad'),
        hint: "write `printf('%05d', x)` for a number, `substr('00000' || x, -5)` for a text",
    },
    {
        message: noFunction('split_part'),
        hint: "write `substr(x, 1, instr(x || ',', ',') - 1)` for the first part; `json_each('[\"' || replace(x, ',', '\",\"') || '\"]')` gives all of them",
    },
    {
        message: noTable('generate_series'),
        hint: 'only the sqlite3 shell has `generate_series`. Write a recursive CTE: `with recursive series (n) as (values (1) union all select n + 1 from series where n < 10)`',
    },
    {
        message: /^no such (?:table|function): jsonb?_(?:array_elements|array_elements_text|each_text|object_keys)$/i,
        hint: "write `json_each(doc)`: one row an element or member, with `key` and `value`; `json_each(doc, '$.list')` for a part",
    },
    { message: noFunction('unnest'), hint: 'write `json_each(doc)`: an array of PostgreSQL arrives as its text' },
    {
        message: /^(?:no such column: array|near "\[[^"]*\]": syntax error)$/i,
        code: /\barray \[/,
        hint: 'SQLite has no arrays: `in (a, b)` for `= any(array[a, b])`, `json_array(a, b)` for a list as a value',
    },
    {
        message: noFunction('array_agg|jsonb?_agg'),
        hint: 'write `json_group_array(x)`',
    },
    {
        message: noFunction('jsonb?_object_agg'),
        hint: 'write `json_group_object(key, value)`',
    },
    {
        message: noFunction('jsonb?_build_(?:object|array)|row_to_json|to_jsonb?'),
        hint: "write `json_object('a', a, 'b', b)` or `json_array(a, b)`",
    },
    {
        message: noFunction('bool_and|every'),
        hint: 'write `min(x)`: true is 1 and false is 0',
    },
    { message: noFunction('bool_or'), hint: 'write `max(x)`: true is 1 and false is 0' },
    {
        message: /^no such table: /i,
        code: /\bposition \( \S+ in /,
        hint: "write `instr(x, 'a')` for `position('a' in x)`",
    },
    {
        message: near('from'),
        code: /\bsubstring \(/,
        hint: 'write `substr(x, from, for)` for `substring(x from … for …)`',
    },
    {
        message: /^near "[^"]*": syntax error$/,
        code: /\btrim \( (?:both|leading|trailing) /,
        hint: 'write `trim(x, characters)`, `ltrim(…)` or `rtrim(…)`',
    },
    {
        message: /^(?:no such column: (?:date|timestamp|timestamptz|time)|near "'[^"]*'": syntax error)$/i,
        code: /\b(?:date|timestamp|timestamptz|time) ''/,
        hint: "times are text here: write the string alone, `'2024-01-31'`",
    },
    {
        message: near('time|at'),
        code: /\bat time zone\b/,
        hint: "SQLite knows no time zones: times arrive in UTC; `datetime(substr(x, 1, 19), '+02:00')` shifts them",
    },
    {
        message: /^unrecognized token: "[@#]"$/,
        hint: "SQLite has `->`, `->>` and `json_extract` alone: `doc ->> '$.a.b'` for `doc #>> '{a,b}'`, `exists (select 1 from json_each(doc) where …)` for `@>`",
    },
    {
        message: near('rows?|first|next'),
        code: /\bfetch (?:first|next)\b|\boffset \S+ rows?\b/,
        hint: 'write `limit n offset m`',
    },
    {
        message: /^no such column: e$/i,
        code: /\be ''/,
        hint: "strings have no escapes: write `char(10)` for `e'\\n'`",
    },
    {
        message: near('materialized'),
        code: /\bcreate materialized\b/,
        hint: 'a mart is a file in marts/: a head and one SELECT',
    },
    { message: noFunction('nextval'), hint: 'SQLite has no sequences: `row_number() over (order by …)` numbers rows' },
    { message: noFunction('md5|sha256|digest'), hint: 'SQLite has no hashes: compare the values themselves' },
    { message: noFunction('initcap'), hint: 'write `upper(substr(x, 1, 1)) || lower(substr(x, 2))`' },
    {
        message: near('\\('),
        code: /\bwithin group \(/,
        hint: 'SQLite has no ordered-set aggregates: number the rows with `row_number()` and `count(*) over ()`, and take the middle one',
    },
];

/** SQLite's form of what PostgreSQL writes otherwise; undefined where the statement shows no such habit. */
export function postgresHabit(message: string, tokens: readonly SqlToken[]): string | undefined {
    const candidates = HABITS.filter((habit) => habit.message.test(message));
    if (candidates.length === 0) {
        return undefined;
    }
    const code = tokens.map((token) => (token.kind === 'string' ? "''" : token.text.toLowerCase())).join(' ');
    return candidates.find((habit) => habit.code === undefined || habit.code.test(code))?.hint;
}
