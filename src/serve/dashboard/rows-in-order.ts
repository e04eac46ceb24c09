import { shorten } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import type { Question } from '../../query/question.ts';
import { shownColumns } from '../../query/shown-columns.ts';
import { withoutOrder } from '../../query/without-order.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { HttpError } from '../http/http-error.ts';

type Given = ReadonlyMap<string, string>;

/** Columns whose values can be added up: whole cents, of one currency. */
const ADDED = /_cents$/;

const OFFSET_MAX = 1_000_000_000;

/**
 * The rows behind a value in another order, or from another one on: `sort=amount_cents` or `sort=-amount_cents`,
 * `offset=200`. Returns the question and what it is given itself. A parameter of the question that has such a name is
 * the question's.
 * @throws HttpError PARAMETER_WRONG
 */
export function orderedRows(question: Question, given: Given, database: Database | null): readonly [Question, Given] {
    const isOwn = (name: string): boolean => question.parameters.some((one) => one.name === name);
    const sort = isOwn('sort') ? '' : (given.get('sort') ?? '');
    const offset = isOwn('offset') ? '' : (given.get('offset') ?? '');
    const rest = new Map([...given].filter(([name]) => isOwn(name) || (name !== 'sort' && name !== 'offset')));
    if (sort === '' && offset === '') {
        return [question, rest];
    }
    if (!/^\d{0,10}$/.test(offset) || Number(offset) > OFFSET_MAX) {
        throw new HttpError('PARAMETER_WRONG', `offset must be an integer from 0 to ${OFFSET_MAX}`);
    }
    const order = sort === '' ? '' : `order by ${orderOf(sort, columnsOf(question, database))}\n`;
    const from = offset === '' ? '' : `limit -1 offset ${Number(offset)}`;
    return [around(question, 'select *', `${order}${from}`), rest];
}

/** How many rows there are, and what their columns in cents add up to. */
export function rowsTotal(question: Question, database: Database | null): Question {
    const sums = columnsOf(question, database)
        .filter((name) => ADDED.test(name))
        .map((name) => `, sum(${quoteName(name)}) as ${quoteName(name)}`);
    const statement = { ...question.statement, sql: withoutOrder(question.statement.sql) };
    const asked = around({ ...question, statement }, `select count(*) as rows${sums.join('')}`, '');
    return { ...asked, columns: [], page: null };
}

function orderOf(sort: string, columns: readonly string[]): string {
    const isDown = sort.startsWith('-');
    const name = isDown ? sort.slice(1) : sort;
    if (!columns.includes(name)) {
        throw new HttpError('PARAMETER_WRONG', `sort must be a column, or "-" and a column`, {
            found: `"${shorten(sort, 60)}"; ${didYouMeanOrList(name, columns, 'columns')}`,
        });
    }
    return `${quoteName(name)} ${isDown ? 'desc' : 'asc'} nulls last`;
}

/** None if the statement cannot be prepared: a reader then says why. */
function columnsOf({ statement }: Question, database: Database | null): readonly string[] {
    try {
        const names = database?.prepare(bare(statement.sql)).columns() ?? [];
        const all = names.map(({ name }) => name);
        return all.slice(0, shownColumns(all));
    } catch {
        return [];
    }
}

function around(question: Question, select: string, end: string): Question {
    const sql = `${select} from (\n${bare(question.statement.sql)}\n)\n${end}`;
    return { ...question, text: `${question.text}\n${sql}`, statement: { ...question.statement, sql } };
}

function bare(sql: string): string {
    return sql.replace(/;\s*$/, '');
}
