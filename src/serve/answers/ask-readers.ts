import { EltError } from '../../core/errors.ts';
import { unnamedError } from '../../query/answer.ts';
import type { Question } from '../../query/question.ts';
import { hasReadableHead, withoutExcerpt } from '../../query/readable-head.ts';
import { statementError } from '../../sqlite/run-statement.ts';
import { databaseSentence, HttpError } from '../http/http-error.ts';
import type { ReaderPool } from '../readers/reader-pool.ts';
import type { JobQuery, JobValue, QueryFailure, QueryResult } from '../readers/reader-wire.ts';
import { READER_FAILURES } from '../readers/reader-wire.ts';
import { noRoom } from './serve-context.ts';
import type { ServeOptions } from './serve-options.ts';
import type { DatabaseState, ServedPipeline } from './served-pipeline.ts';

/** A question with the values to bind, for a reader. */
interface Asking {
    readonly question: Question;
    readonly values: Readonly<Record<string, JobValue>>;
    readonly format: JobQuery['format'];
    readonly page: JobQuery['page'];
}

/** The result of a question: its rows written as bytes, or an error. */
export type Asked =
    | {
          readonly columns: readonly string[];
          readonly rows: number;
          readonly next: readonly JobValue[] | null;
          readonly body: Buffer;
      }
    | { readonly error: unknown };

export function isFailed(answer: Asked): answer is { readonly error: unknown } {
    return 'error' in answer;
}

/** Asks one question, see `askReaders`; what it gave does not hold on to what came with it. */
export async function askReader(context: AskContext, asking: Asking, key: string): Promise<Asked> {
    const { pool, options, pipeline, state } = context;
    const [answer] = await askReaders(pool, options, pipeline, state, [asking], key);
    if (answer === undefined) {
        throw new Error('a job without a result');
    }
    return isFailed(answer) ? answer : { ...answer, body: Buffer.from(answer.body) };
}

interface AskContext {
    readonly pool: ReaderPool;
    readonly options: Pick<ServeOptions, 'rowsMax' | 'bytesMax' | 'timeoutMs'>;
    readonly pipeline: ServedPipeline;
    readonly state: DatabaseState;
}

/**
 * Runs questions of one pipeline, all in one read transaction. Jobs with the same `key` never occupy all readers.
 * @throws HttpError SERVER_BUSY, TIME_LIMIT, READER_FAILED; EltError DATABASE_…
 */
export async function askReaders(
    pool: ReaderPool,
    limits: Pick<ServeOptions, 'rowsMax' | 'bytesMax' | 'timeoutMs'>,
    pipeline: ServedPipeline,
    state: DatabaseState,
    askings: readonly Asking[],
    key: string,
): Promise<readonly Asked[]> {
    const answer = await pool.ask(
        {
            database: pipeline.file,
            generation: state.generation,
            queries: askings.map(({ question, values, format, page }) => ({
                sql: question.statement.sql.replace(/;\s*$/, ''),
                values,
                format,
                page,
                reads: question.reads,
                cutToSeconds: question.columns.filter((column) => column.isCutToSeconds).map(({ name }) => name),
            })),
            rowsMax: limits.rowsMax,
            bytesMax: limits.bytesMax,
        },
        key,
    );
    if (answer === 'busy') {
        throw new HttpError('SERVER_BUSY', 'no reader was free in time', { next: 'retry in a second' });
    }
    if (answer === 'time limit') {
        throw new HttpError('TIME_LIMIT', `the query took longer than ${limits.timeoutMs} ms and was ended`);
    }
    if (answer === 'memory limit') {
        throw memoryLimit();
    }
    if (answer === 'ended') {
        throw new HttpError('READER_FAILED', 'the process that ran the query ended unexpectedly');
    }
    if ('failure' in answer.head) {
        throw answer.head.failure.code === READER_FAILURES.noRoom
            ? noRoom()
            : databaseFailure(answer.head.failure, pipeline);
    }
    let offset = 0;
    return answer.head.results.map((result, index) => {
        const body = answer.body.subarray(offset, offset + bytesOf(result));
        offset += bytesOf(result);
        return 'failure' in result
            ? { error: queryError(result.failure, (askings[index] as Asking).question, pipeline) }
            : { columns: result.columns, rows: result.rows, next: result.next, body };
    });
}

function memoryLimit(): HttpError {
    return new HttpError('MEMORY_LIMIT', 'the query needs more memory than a reader may have');
}

function bytesOf(result: QueryResult): number {
    return 'bytes' in result ? result.bytes : 0;
}

function databaseFailure({ code, message }: QueryFailure, pipeline: ServedPipeline): unknown {
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
        return new EltError({ code: 'DATABASE_LOCKED', message: databaseSentence('DATABASE_LOCKED', pipeline.name) });
    }
    if (code.startsWith('DATABASE_')) {
        return new EltError({ code: code as 'DATABASE_MISSING', message });
    }
    return new EltError({ code: 'DATABASE_IO', message: databaseSentence('DATABASE_IO', pipeline.name), found: code });
}

function queryError({ code, message }: QueryFailure, question: Question, pipeline: ServedPipeline): unknown {
    switch (code) {
        case READER_FAILURES.tooManyRows:
        case READER_FAILURES.tooManyBytes:
            return new HttpError('ANSWER_TOO_LARGE', `the answer has ${message}`, {
                next:
                    question.page === null
                        ? 'request less with the parameters of the question'
                        : 'request pages with limit=…, then follow the header Link',
            });
        case READER_FAILURES.pageColumn:
            return new EltError({ code: 'SQL_HEADER', message, where: question.file, next: 'correct the line "page"' });
        case READER_FAILURES.notASelect:
            return new EltError({ code: 'SQL_STATEMENT', message: `"${question.file}" cannot be run: ${message}` });
    }
    if (code === READER_FAILURES.unnamed) {
        return unnamedError(question.file, message);
    }
    if (code === READER_FAILURES.memory || code.startsWith('SQLITE_NOMEM')) {
        return memoryLimit();
    }
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
        return databaseFailure({ code, message }, pipeline);
    }
    const database = pipeline.connection();
    const error = Object.assign(new Error(message), { code });
    const told = database === null ? error : statementError(database, question, question.statement, error);
    const known =
        told instanceof EltError && !hasReadableHead(question.text) ? withoutExcerpt(told, question.file) : told;
    return known instanceof EltError && known.code === 'SQL_STATEMENT'
        ? known.withNew({ next: 'correct the file; it is then served without a restart' })
        : known;
}
