import { closingParentheses, isOperator } from './regions.ts';
import { isTrivia, type SqlToken, wordOf } from './tokens.ts';

/** Something that SQLite supports only after 3.40, the version of Debian 12's sqlite3 shell. */
interface ShellWarning {
    /** The function's name, or the syntax. */
    readonly name: string;
    /** First version of SQLite that has it, e.g. `3.44`. */
    readonly since: string;
    /** 1-based line. */
    readonly line: number;
    /** One sentence, with what to write instead if there is an alternative. */
    readonly message: string;
}

/**
 * Functions by the release that added them (https://sqlite.org/changes.html). The tests compare this table with the
 * functions that better-sqlite3 has and the 3.40 shell lacks.
 */
const NEWER_FUNCTIONS: ReadonlyMap<string, string> = new Map(
    Object.entries({
        '3.41': ['unhex'],
        '3.42': ['json_error_position'],
        '3.43': ['octet_length', 'timediff'],
        '3.44': ['concat', 'concat_ws', 'string_agg'],
        '3.45': [
            'jsonb',
            'jsonb_array',
            'jsonb_extract',
            'jsonb_group_array',
            'jsonb_group_object',
            'jsonb_insert',
            'jsonb_object',
            'jsonb_patch',
            'jsonb_remove',
            'jsonb_replace',
            'jsonb_set',
        ],
        '3.46': ['json_pretty'],
        '3.47': ['median', 'percentile', 'percentile_cont', 'percentile_disc'],
        '3.48': ['if'],
        '3.50': ['unistr', 'unistr_quote'],
        '3.51': ['jsonb_each', 'jsonb_tree'],
        '3.53': ['json_array_insert', 'jsonb_array_insert'],
    }).flatMap(([version, names]) => names.map((name) => [name, version] as const)),
);

const INSTEAD: Readonly<Record<string, string>> = {
    concat: 'write `a || b` (with coalesce where null can occur)',
    string_agg: 'write group_concat(value, separator)',
    if: 'write `case when … then … else … end`',
    iif: 'write `case when … then … else … end`',
    octet_length: 'write length(cast(value as blob))',
    unistr: 'write char(code)',
};

const AGGREGATES = new Set([
    'avg',
    'count',
    'group_concat',
    'json_group_array',
    'json_group_object',
    'max',
    'min',
    'sum',
    'total',
]);

/**
 * What the sqlite3 shell of Debian 12 (3.40) would refuse or do differently in these tokens (which may include comments
 * and white space), in order. A file with such constructs runs in elt, but not in that shell.
 */
export function newerThan340(tokens: readonly SqlToken[]): readonly ShellWarning[] {
    const significant = tokens.filter((token) => !isTrivia(token));
    const statement = { tokens: significant, closing: closingParentheses(significant) };
    return significant.flatMap((token, index) => {
        const found =
            token.kind === 'number' && token.text.includes('_')
                ? { name: `${token.text}`, since: '3.46', message: 'a number with "_" needs' }
                : newerSyntax(statement, index);
        return found === undefined ? [] : [{ ...found, line: token.line, message: sentence(found) }];
    });
}

interface Newer {
    readonly name: string;
    readonly since: string;
    /** The sentence up to "needs SQLite …"; by default the function's name. */
    readonly message?: string;
}

function sentence({ name, since, message }: Newer): string {
    const instead = INSTEAD[name];
    const subject = message ?? `${name}() needs`;
    return `${subject} SQLite ${since}, which the sqlite3 shell of Debian 12 (3.40) is not${instead ? `: ${instead}` : ''}`;
}

interface Source {
    readonly tokens: readonly SqlToken[];
    /** Maps the index of each `(` to that of its `)`. */
    readonly closing: ReadonlyMap<number, number>;
}

function newerSyntax(source: Source, index: number): Newer | undefined {
    const { tokens } = source;
    const word = wordOf(tokens[index]) ?? quotedFunction(tokens, index);
    if (word === 'alter') {
        return newerAlter(tokens, index);
    }
    if (word === 'reindex' && wordOf(tokens[index + 1]) === 'expressions') {
        return { name: 'reindex expressions', since: '3.53', message: '`reindex expressions` needs' };
    }
    if (word === undefined || !isOperator(tokens[index + 1], '(') || isOperator(tokens[index - 1], '.')) {
        return undefined;
    }
    if (isDefinedOrWritten(source, index) && !isTableFunction(word)) {
        return undefined;
    }
    const since = NEWER_FUNCTIONS.get(word);
    return since === undefined ? newerCall(word, source, index + 1) : { name: word, since };
}

const BEFORE_TABLE = new Set(['into', 'table', 'exists', 'view', 'join', 'update']);

/** The name before a `(` is a table, a view or a CTE with its columns, not a function: `insert into concat (a)`. */
function isDefinedOrWritten({ tokens, closing }: Source, index: number): boolean {
    const before = wordOf(tokens[index - 1]) ?? '';
    const isIndexed = before === 'on' && ['index', 'exists'].includes(wordOf(tokens[index - 3]) ?? '');
    const after = (closing.get(index + 1) ?? index) + 1;
    const isCte = wordOf(tokens[after]) === 'as' && /^(?:\(|not|materialized)$/i.test(tokens[after + 1]?.text ?? '');
    return BEFORE_TABLE.has(before) || isIndexed || isCte;
}

function isTableFunction(word: string): boolean {
    return word === 'jsonb_each' || word === 'jsonb_tree';
}

function quotedFunction(tokens: readonly SqlToken[], index: number): string | undefined {
    const token = tokens[index];
    return token?.kind === 'identifier' && tokens[index + 1]?.text === '('
        ? token.text.slice(1, -1).toLowerCase()
        : undefined;
}

/** Calls of old functions with newer arguments. */
function newerCall(word: string, source: Source, open: number): Newer | undefined {
    const args = topLevelOf(source, open);
    const orderBy = args.findIndex((token) => wordOf(token) === 'order');
    const commas = args
        .slice(0, orderBy === -1 ? args.length : orderBy)
        .filter((token) => isOperator(token, ',')).length;
    if (word === 'iif' && args.length > 0 && commas !== 2) {
        const since = commas === 1 ? '3.48' : '3.49';
        return { name: 'iif', since, message: `iif() with ${commas + 1} arguments needs` };
    }
    if (word === 'json_valid' && commas === 1) {
        return { name: 'json_valid', since: '3.45', message: 'json_valid() with flags needs' };
    }
    if (AGGREGATES.has(word) && orderBy !== -1) {
        return { name: `${word} order by`, since: '3.44', message: `\`order by\` inside ${word}() needs` };
    }
    if (word === 'raise' && !isRaiseOf340(args)) {
        return { name: 'raise', since: '3.47', message: 'raise() with an expression as its message needs' };
    }
    return newerDate(word, args);
}

/** The tokens of a call's arguments; of a nested pair of parentheses only the parentheses. */
function topLevelOf({ tokens, closing }: Source, open: number): readonly SqlToken[] {
    const found: SqlToken[] = [];
    const close = closing.get(open) ?? open;
    for (let index = open + 1; index < close; index++) {
        found.push(tokens[index] as SqlToken);
        const inner = closing.get(index);
        if (inner !== undefined) {
            found.push(tokens[inner] as SqlToken);
            index = inner;
        }
    }
    return found;
}

/** `raise(ignore)`, or an action and one string. */
function isRaiseOf340(args: readonly SqlToken[]): boolean {
    const message = args[2];
    return args.length === 1 || (args.length === 3 && (message?.kind === 'string' || message?.kind === 'word'));
}

const DATE_FUNCTIONS = new Set(['date', 'time', 'datetime', 'julianday', 'unixepoch', 'strftime']);
const NEWER_MODIFIERS: Readonly<Record<string, string>> = {
    "'subsec'": '3.42',
    "'subsecond'": '3.42',
    "'ceiling'": '3.46',
    "'floor'": '3.46',
};

function newerDate(word: string, args: readonly SqlToken[]): Newer | undefined {
    if (!DATE_FUNCTIONS.has(word)) {
        return undefined;
    }
    const format = word === 'strftime' && args[0]?.kind === 'string' ? args[0].text.replaceAll('%%', '') : '';
    const letter = /%([eFIklpPRTu])/.exec(format)?.[1];
    if (letter !== undefined) {
        return { name: 'strftime', since: '3.44', message: `strftime() with %${letter} needs` };
    }
    const week = /%([GgUV])/.exec(format)?.[1];
    if (week !== undefined) {
        return { name: 'strftime', since: '3.46', message: `strftime() with %${week} needs` };
    }
    const modifier = args.slice(1).find((token) => NEWER_MODIFIERS[token.text.toLowerCase()] !== undefined);
    const since = NEWER_MODIFIERS[modifier?.text.toLowerCase() ?? ''];
    return modifier && since
        ? { name: word, since, message: `the modifier ${modifier.text} of ${word}() needs` }
        : undefined;
}

/** `alter table … add constraint | drop constraint | alter [column] … not null` was added in 3.53. */
function newerAlter(tokens: readonly SqlToken[], index: number): Newer | undefined {
    const rest = tokens.slice(index + 1, index + 8).map((token) => wordOf(token) ?? token.text);
    const at = rest.findIndex((word) => word === 'add' || word === 'drop' || word === 'alter');
    const isConstraint = rest[at + 1] === 'constraint' || rest[at + 1] === 'check' || rest[at] === 'alter';
    return rest[0] === 'table' && at > 1 && isConstraint
        ? { name: 'alter table constraint', since: '3.53', message: 'changing the constraints of a table needs' }
        : undefined;
}
