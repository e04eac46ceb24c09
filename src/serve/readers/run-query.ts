import { columnTwice, columnTwiceText, shownColumns } from '../../query/shown-columns.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database, Statement } from '../../sqlite/database.ts';
import { sqliteCode } from '../../sqlite/database-error.ts';
import { unnamedReads, unnamedText } from '../../sqlite/refuse-unnamed.ts';
import { type AnswerRowText, rowText } from './answer-row-text.ts';
import type { OutputBuffer } from './output-buffer.ts';
import {
    bindable,
    type Job,
    type JobQuery,
    jobValue,
    type QueryFailure,
    type QueryResult,
    READER_FAILURES,
} from './reader-wire.ts';

/** The text of rows is encoded in pieces of about this many characters. */
const PIECE_CHARACTERS = 16_384;

/** Runs one SELECT and writes its rows to `out`. An error is a result too, and leaves nothing in `out`. */
export function runQuery(
    prepare: (sql: string) => PreparedSelect,
    query: JobQuery,
    limits: Job,
    out: OutputBuffer,
): QueryResult {
    const start = out.place();
    try {
        return answerOf(prepare(pagedSql(query)), query, limits, out);
    } catch (error) {
        out.rewind(start);
        return { failure: failureOf(error) };
    }
}

/** What a query threw, as it is reported. */
export function failureOf(error: unknown): QueryFailure {
    const message = error instanceof Error ? error.message : String(error);
    const isMemory = error instanceof RangeError && /allocation failed/i.test(message);
    const own = error instanceof Refusal ? error.code : isMemory ? READER_FAILURES.memory : '';
    const code = own === '' ? sqliteCode(error) : own;
    return { code: code === '' ? 'READER_ERROR' : code, message };
}

/** The code of `elt` (`DATABASE_MISSING`) or of SQLite (`SQLITE_BUSY`). */
export function codeOf(error: unknown): string {
    const code = sqliteCode(error);
    const own = (error as { readonly code?: unknown } | null)?.code;
    return code !== '' ? code : typeof own === 'string' ? own : 'READER_ERROR';
}

/**
 * The SELECT of a page. It returns one row more than the page has, which shows whether there is a next page. Values of
 * the previous page are compared as a row, so that rows with equal first columns are compared by the next. Without
 * columns there is only one page: the first rows in the order of the SELECT itself.
 */
function pagedSql({ sql, page }: Pick<JobQuery, 'sql' | 'page'>): string {
    if (page === null) {
        return sql;
    }
    const columns = page.columns.map(quoteName).join(', ');
    const places = page.columns.map((_, index) => `:_after_${index}`).join(', ');
    const where = page.after === null ? '' : `where (${columns}) > (${places})\n`;
    const order = columns === '' ? '' : `order by ${columns}\n`;
    return `select * from (\n${sql}\n)\n${where}${order}limit :_limit`;
}

function answerOf(
    { statement, columns }: PreparedSelect,
    query: JobQuery,
    limits: Job,
    out: OutputBuffer,
): QueryResult {
    const shown = columns.slice(0, shownColumns(columns));
    const pageAt = query.page === null ? [] : pagePlaces(query.page.columns, columns);
    const writer = new BodyWriter(rowText(query.format, shown, query.cutToSeconds), out, limits.bytesMax);
    let last: readonly unknown[] | null = null;
    let next: readonly unknown[] | null = null;
    for (const row of statement.iterate(valuesOf(query)) as Iterable<unknown[]>) {
        if (query.page !== null) {
            refuseWrongKey(pageAt, row, last, query.page.columns);
            if (writer.rows === query.page.limit) {
                next = pageAt.length === 0 ? null : pageAt.map((place) => last?.[place]);
                break;
            }
            last = row;
        }
        if (writer.rows === limits.rowsMax) {
            throw new Refusal(READER_FAILURES.tooManyRows, `more than ${limits.rowsMax} rows`);
        }
        writer.add(row);
    }
    return { columns: shown, rows: writer.rows, bytes: writer.end(), next: next?.map(jobValue) ?? null };
}

/** The values of a query, as the driver binds them. */
export function valuesOf({ values, page }: JobQuery): Readonly<Record<string, unknown>> {
    const bound: Record<string, unknown> = {};
    for (const name in values) {
        bound[name] = bindable(values[name] ?? null);
    }
    if (page !== null) {
        bound._limit = BigInt(page.limit) + 1n;
        page.after?.forEach((value, index) => {
            bound[`_after_${index}`] = bindable(value);
        });
    }
    return bound;
}

function pagePlaces(names: readonly string[], columns: readonly string[]): readonly number[] {
    return names.map((name) => {
        const place = columns.indexOf(name);
        if (place < 0) {
            throw new Refusal(READER_FAILURES.pageColumn, `the answer has no column "${name}", which "page" names`);
        }
        return place;
    });
}

/** Rows with the same key would be missing from the next page: that is an error, not a gap. */
function refuseWrongKey(
    places: readonly number[],
    row: readonly unknown[],
    before: readonly unknown[] | null,
    names: readonly string[],
): void {
    if (places.some((place) => row[place] === null || Buffer.isBuffer(row[place]))) {
        const what = `a row has null or bytes in the columns of "page" (${names.join(', ')})`;
        throw new Refusal(READER_FAILURES.pageColumn, what);
    }
    if (before !== null && places.length > 0 && places.every((place) => row[place] === before[place])) {
        throw new Refusal(READER_FAILURES.pageColumn, `two rows have the same "page" (${names.join(', ')})`);
    }
}

/** Writes the text of rows as bytes, up to a limit of bytes. */
class BodyWriter {
    rows = 0;
    #text: string;
    readonly #start: number;
    readonly #how: AnswerRowText;
    readonly #out: OutputBuffer;
    readonly #bytesMax: number;

    constructor(how: AnswerRowText, out: OutputBuffer, bytesMax: number) {
        this.#how = how;
        this.#out = out;
        this.#start = out.length;
        this.#bytesMax = bytesMax;
        this.#text = how.first;
    }

    add(row: readonly unknown[]): void {
        this.#text += this.rows === 0 ? this.#how.row(row) : this.#how.between + this.#how.row(row);
        this.rows++;
        if (this.#text.length >= PIECE_CHARACTERS) {
            this.#flush();
        }
    }

    /** Ends the body, and returns its length in bytes. */
    end(): number {
        this.#text += this.#how.last;
        this.#flush();
        return this.#out.length - this.#start;
    }

    #flush(): void {
        this.#out.write(this.#text);
        this.#text = '';
        if (this.#out.length - this.#start > this.#bytesMax) {
            throw new Refusal(READER_FAILURES.tooManyBytes, `more than ${this.#bytesMax} bytes`);
        }
    }
}

/** Why the reader itself refuses a query. */
export class Refusal extends Error {
    readonly code: string;

    constructor(code: string, message: string) {
        super(message);
        this.code = code;
    }
}

/** A prepared SELECT with the names of its columns, which are slow to read from SQLite. */
interface PreparedSelect {
    readonly statement: Statement;
    readonly columns: readonly string[];
}

/** Prepares SELECTs of one connection and caches them; refuses statements that do not only read. */
export class StatementCache {
    readonly #database: Database;
    readonly #statements = new Map<string, PreparedSelect>();
    static readonly #statementsMax = 200;

    constructor(database: Database) {
        this.#database = database;
    }

    clear(): void {
        this.#statements.clear();
    }

    /** `reads`: what it may read of elt's own tables. */
    prepare(sql: string, reads: readonly string[]): PreparedSelect {
        const key = reads.length === 0 ? sql : `${reads.join()}\n${sql}`;
        const known = this.#statements.get(key);
        if (known !== undefined) {
            return known;
        }
        const statement = this.#database.prepare(sql);
        if (!statement.reader || !statement.readonly) {
            throw new Refusal(READER_FAILURES.notASelect, 'it is not a SELECT that only reads');
        }
        const unnamed = unnamedReads(this.#database, sql, reads);
        if (unnamed.length > 0) {
            throw new Refusal(READER_FAILURES.unnamed, unnamedText(unnamed));
        }
        if (this.#statements.size >= StatementCache.#statementsMax) {
            this.#statements.clear();
        }
        const columns = statement.columns().map((column) => column.name);
        const twice = columnTwice(columns);
        if (twice !== undefined) {
            throw new Refusal(READER_FAILURES.columnTwice, columnTwiceText(twice));
        }
        const prepared = { statement: statement.raw().safeIntegers(), columns };
        this.#statements.set(key, prepared);
        return prepared;
    }
}
