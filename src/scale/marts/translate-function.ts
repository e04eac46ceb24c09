import type { SqlExpression, SqlWindow } from '../../sql/grammar/sql-nodes.ts';
import { hasShallow } from '../../sql/grammar/walk-nodes.ts';
import { findColumn } from './engine-scope.ts';
import { commonEngineType, type EngineType } from './engine-type.ts';
import { condition, textOf, value, valueAs, words } from './engine-values.ts';
import { FIRST_OF, LAST_OF } from './first-of-order.ts';
import { asciiLower, asciiUpper } from './text-patterns.ts';
import { translateOrder } from './translate-order.ts';
import type { Place, Translated, Translation } from './translation.ts';

type Call = Extract<SqlExpression, { type: 'FunctionCallExpr' }>;
type StarCall = Extract<SqlExpression, { type: 'FunctionCallStarExpr' }>;

export function translateCountStar(call: StarCall, place: Place, to: Translation): Translated {
    return { sql: `count(*)${tail(call, place, to)}`, type: 'integer' };
}

/** Translates a call of a function of the subset; each gives SQLite's value on every engine. */
export function translateCall(call: Call, place: Place, to: Translation): Translated {
    const name = call.name.name.toLowerCase();
    const args = call.args ?? [];
    if (call.orderBy !== undefined) {
        return to.refuse('an order within an aggregate', call);
    }
    const aggregate = AGGREGATES[name];
    if (aggregate !== undefined && (args.length === 1 || !['min', 'max'].includes(name))) {
        return aggregate(call, args, place, to);
    }
    if (WINDOW_ONLY.has(name)) {
        return windowCall(name, call, place, to);
    }
    const scalar = SCALARS[name];
    if (scalar === undefined || call.filterOver !== undefined || call.distinctness !== undefined) {
        return to.refuse(`the function ${name}() is outside the subset`, call);
    }
    return scalar(call, args, place, to);
}

/** Whether an expression is computed over the rows of a group. */
export function hasAggregate(expression: SqlExpression): boolean {
    return hasShallow(expression, (node) => {
        const isCall = node.type === 'FunctionCallExpr' || node.type === 'FunctionCallStarExpr';
        return (
            isCall &&
            AGGREGATES[node.name.name.toLowerCase()] !== undefined &&
            node.filterOver?.overClause === undefined
        );
    });
}

type Rule = (call: Call, args: readonly SqlExpression[], place: Place, to: Translation) => Translated;

const AGGREGATES: Readonly<Record<string, Rule>> = {
    count: (call, args, place, to) => {
        const counted = args.length === 0 ? '*' : value(args[0] as SqlExpression, place, to).sql;
        return { sql: `count(${distinct(call)}${counted})${tail(call, place, to)}`, type: 'integer' };
    },
    sum: (call, args, place, to) => {
        const summed = numberToSum(args, place, to);
        return { sql: `cast(sum(${distinct(call)}${summed})${tail(call, place, to)} as bigint)`, type: 'integer' };
    },
    avg: (call, args, place, to) => {
        const of = `(${distinct(call)}${numberToSum(args, place, to)})${tail(call, place, to)}`;
        const real = to.dialect.type('REAL');
        return { sql: `(cast(sum${of} as ${real}) / nullif(count${of}, 0))`, type: 'real' };
    },
    [FIRST_OF]: (_, args, place, to) => ofOrder('min_by', args, place, to),
    [LAST_OF]: (_, args, place, to) => ofOrder('max_by', args, place, to),
    min: (call, args, place, to) => extreme('min', call, args, place, to),
    max: (call, args, place, to) => extreme('max', call, args, place, to),
};

/** Spark orders structs member by member, and null before all values. */
function ofOrder(name: string, args: readonly SqlExpression[], place: Place, to: Translation): Translated {
    const [first, ...order] = args.map((one) => value(one, place, to));
    const keys = order.map(({ sql }) => sql).join(', ');
    return { sql: `${name}(${first?.sql}, struct(${keys}))`, type: first?.type ?? 'any' };
}

function distinct({ distinctness }: Call): string {
    return distinctness === 'Distinct' ? 'distinct ' : '';
}

/** The last digits of a sum of reals depend on the order in which they come. */
function numberToSum(args: readonly SqlExpression[], place: Place, to: Translation): string {
    const [only] = args as readonly [SqlExpression];
    const { sql, type } = value(only, place, to);
    return type === 'integer' || type === 'null'
        ? sql
        : to.refuse(`a sum of what is ${words(type)}`, only, 'sum integers, such as cents');
}

function extreme(name: string, call: Call, args: readonly SqlExpression[], place: Place, to: Translation): Translated {
    const { sql, type } = value(args[0] as SqlExpression, place, to);
    if (type === 'any') {
        return to.refuse(`${name}() of values of several types`, call);
    }
    const compared = type === 'text' ? to.dialect.byBytes(sql) : sql;
    return { sql: `${name}(${compared})${tail(call, place, to)}`, type };
}

const WINDOW_ONLY = new Set(['row_number', 'rank', 'dense_rank', 'lag', 'lead', 'first_value', 'last_value']);

function windowCall(name: string, call: Call, place: Place, to: Translation): Translated {
    const [first, distance, missing] = call.args ?? [];
    const over = tail(call, place, to);
    if (first === undefined) {
        return { sql: `${name}()${over}`, type: 'integer' };
    }
    const { sql, type } = value(first, place, to);
    const isPlain = (distance === undefined || distance.type === 'NumericLiteral') && missing === undefined;
    return isPlain
        ? {
              sql: `${name}(${[sql, ...(distance === undefined ? [] : [value(distance, place, to).sql])].join(', ')})${over}`,
              type,
          }
        : to.refuse(`${name}() with these arguments`, call);
}

/** `filter (…)` and `over (…)`. */
function tail({ filterOver }: Call | StarCall, place: Place, to: Translation): string {
    if (filterOver === undefined) {
        return '';
    }
    const { filterClause, overClause } = filterOver;
    const filter = filterClause === undefined ? '' : ` filter (where ${condition(filterClause, place, to)})`;
    const over =
        overClause === undefined
            ? ''
            : overClause.type === 'NameOver'
              ? ` over ${to.dialect.name(overClause.name.text)}`
              : ` over (${translateWindow(overClause.window, place, to)})`;
    return `${filter}${over}`;
}

export function translateWindow(window: SqlWindow, place: Place, to: Translation): string {
    const { base, partitionBy = [], orderBy = [], frameClause } = window;
    const parts = [
        ...(base === undefined ? [] : [to.dialect.name(base.text)]),
        ...(partitionBy.length === 0
            ? []
            : [`partition by ${partitionBy.map((one) => value(one, place, to).sql).join(', ')}`]),
        ...(orderBy.length === 0
            ? []
            : [`order by ${orderBy.map((one) => translateOrder(one, place, to)).join(', ')}`]),
        ...(frameClause === undefined ? [] : [frame(frameClause, window, to)]),
    ];
    return parts.join(' ');
}

function frame(clause: NonNullable<SqlWindow['frameClause']>, window: SqlWindow, to: Translation): string {
    const { mode, start, end, exclude } = clause;
    if (mode === 'Groups' || exclude !== undefined) {
        return to.refuse('a window frame in groups, or with "exclude"', window);
    }
    const bound = (one: typeof start): string => {
        switch (one.type) {
            case 'CurrentRowFrameBound':
                return 'current row';
            case 'UnboundedPrecedingFrameBound':
                return 'unbounded preceding';
            case 'UnboundedFollowingFrameBound':
                return 'unbounded following';
            default:
                return one.expr.type === 'NumericLiteral' && /^\d+$/.test(one.expr.value)
                    ? `${one.expr.value} ${one.type === 'PrecedingFrameBound' ? 'preceding' : 'following'}`
                    : to.refuse('a window frame whose size is computed', window);
        }
    };
    const word = mode.toLowerCase();
    return end === undefined ? `${word} ${bound(start)}` : `${word} between ${bound(start)} and ${bound(end)}`;
}

/** A function of one type, such as coalesce. */
function ofOneType(
    name: string,
    call: Call,
    args: readonly SqlExpression[],
    place: Place,
    to: Translation,
): Translated {
    const type = commonEngineType(args.map((one) => value(one, place, to).type));
    return type === 'any' || type === 'null'
        ? to.refuse(`${name}() of values of several types`, call)
        : { sql: `${name}(${args.map((one) => valueAs(type, one, place, to)).join(', ')})`, type };
}

/** SQLite's `max(a, b)` is null where one of them is. */
function greatest(name: string, call: Call, args: readonly SqlExpression[], place: Place, to: Translation): Translated {
    const { sql, type } = ofOneType(name, call, args, place, to);
    const isText = type === 'text';
    const values = args.map((one) => {
        const given = valueAs(type, one, place, to);
        return isText ? to.dialect.byBytes(given) : given;
    });
    const isNull = args.map((one) => `${value(one, place, to).sql} is null`).join(' or ');
    return { sql: `case when ${isNull} then null else ${isText ? `${name}(${values.join(', ')})` : sql} end`, type };
}

const text = (sql: string): Translated => ({ sql, type: 'text' });

function arity(call: Call, min: number, max: number, to: Translation): void {
    const count = call.args?.length ?? 0;
    if (count < min || count > max) {
        to.refuse(`${call.name.name.toLowerCase()}() with ${count} arguments`, call);
    }
}

const SCALARS: Readonly<Record<string, Rule>> = {
    coalesce: (call, args, place, to) => ofOneType('coalesce', call, args, place, to),
    ifnull: (call, args, place, to) => ofOneType('coalesce', call, args, place, to),
    nullif: (call, args, place, to) => ofOneType('nullif', call, args, place, to),
    max: (call, args, place, to) => greatest('greatest', call, args, place, to),
    min: (call, args, place, to) => greatest('least', call, args, place, to),
    iif: (call, args, place, to) => {
        arity(call, 2, 3, to);
        const [when, then, otherwise] = args as readonly [SqlExpression, SqlExpression, SqlExpression?];
        const results = otherwise === undefined ? [then] : [then, otherwise];
        const type: EngineType = commonEngineType(results.map((one) => value(one, place, to).type));
        if (type === 'any' || type === 'null') {
            return to.refuse('iif() whose results have several types', call);
        }
        const [first, second] = results.map((one) => valueAs(type, one, place, to));
        const rest = second === undefined ? '' : ` else ${second}`;
        return { sql: `case when ${condition(when, place, to)} then ${first}${rest} end`, type };
    },
    abs: (call, args, place, to) => {
        arity(call, 1, 1, to);
        const { sql, type } = value(args[0] as SqlExpression, place, to);
        return type === 'integer' || type === 'real'
            ? { sql: `abs(${sql})`, type }
            : to.refuse(`abs() of ${words(type)}`, call);
    },
    lower: (call, args, place, to) => {
        arity(call, 1, 1, to);
        return text(asciiLower(textOf(args[0] as SqlExpression, place, to)));
    },
    upper: (call, args, place, to) => {
        arity(call, 1, 1, to);
        return text(asciiUpper(textOf(args[0] as SqlExpression, place, to)));
    },
    trim: (call, args, place, to) => trimmed('both', call, args, place, to),
    ltrim: (call, args, place, to) => trimmed('leading', call, args, place, to),
    rtrim: (call, args, place, to) => trimmed('trailing', call, args, place, to),
    length: (call, args, place, to) => {
        arity(call, 1, 1, to);
        return { sql: `length(${textOf(args[0] as SqlExpression, place, to)})`, type: 'integer' };
    },
    replace: (call, args, place, to) => {
        arity(call, 3, 3, to);
        return text(`replace(${args.map((one) => textOf(one, place, to)).join(', ')})`);
    },
    instr: (call, args, place, to) => {
        arity(call, 2, 2, to);
        const [whole, part] = args.map((one) => textOf(one, place, to));
        return { sql: to.dialect.placeIn(whole ?? '', part ?? ''), type: 'integer' };
    },
    substr: (call, args, place, to) => part(call, args, place, to),
    substring: (call, args, place, to) => part(call, args, place, to),
    json_text: (call, args, place, to) => jsonText(call, args, place, to),
};

/** SQLite trims spaces, and nothing else. */
function trimmed(side: string, call: Call, args: readonly SqlExpression[], place: Place, to: Translation): Translated {
    arity(call, 1, 1, to);
    return text(`trim(${side} ' ' from ${textOf(args[0] as SqlExpression, place, to)})`);
}

/** From a place after the beginning: what a place of 0 or below means differs. */
function part(call: Call, args: readonly SqlExpression[], place: Place, to: Translation): Translated {
    arity(call, 2, 3, to);
    const [whole, from, count] = args as readonly [SqlExpression, SqlExpression, SqlExpression?];
    const isNumber = (one: SqlExpression | undefined, least: number): boolean =>
        one === undefined || (one.type === 'NumericLiteral' && /^\d+$/.test(one.value) && Number(one.value) >= least);
    if (!isNumber(from, 1) || !isNumber(count, 0)) {
        return to.refuse('substr() whose place or length is not a number written out, from 1 on', call);
    }
    const numbers = [from, ...(count === undefined ? [] : [count])].map((one) => value(one, place, to).sql);
    return text(`substr(${[textOf(whole, place, to), ...numbers].join(', ')})`);
}

/** A value out of JSON is read by SQLite alone, when rows come into the lake: the engines change numbers. */
function jsonText(call: Call, args: readonly SqlExpression[], { scope }: Place, to: Translation): Translated {
    const [document, path] = args;
    const [table, name] =
        document?.type === 'QualifiedExpr'
            ? [document.table.text, document.column.text]
            : document?.type === 'Id'
              ? [undefined, document.name]
              : [undefined, undefined];
    const found = name === undefined ? undefined : findColumn(scope, table, name);
    const json = path?.type === 'StringLiteral' ? found?.column.json(path.value) : undefined;
    return found === undefined || json === undefined
        ? to.refuse('json_text() of what is not a column of a staged table, or whose path is not written out', call)
        : text(`${to.dialect.name(found.item.alias)}.${to.dialect.name(json)}`);
}
