import type { Question } from '../../query/question.ts';
import { HttpError } from '../http/http-error.ts';
import type { ReaderPool } from '../readers/reader-pool.ts';
import type { JobQuery, JobValue, QueryResult } from '../readers/reader-wire.ts';
import { READER_FAILURES } from '../readers/reader-wire.ts';
import { noRoom } from './no-room.ts';
import { databaseFailure, lossError, queryError } from './query-errors.ts';
import { refuseNotFilled } from './refuse-not-filled.ts';
import type { ServeOptions } from './serve-options.ts';
import type { DatabaseState, ServedPipeline } from './served-pipeline.ts';

/** A question with the values to bind, for a reader. */
export interface Asking {
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
    for (const { question } of askings) {
        refuseNotFilled(pipeline, question);
    }
    const answer = await pool.ask(
        {
            database: pipeline.file,
            generation: state.generation,
            queries: askings.map(jobQuery),
            rowsMax: limits.rowsMax,
            bytesMax: limits.bytesMax,
        },
        key,
    );
    if (answer === 'busy') {
        throw new HttpError('SERVER_BUSY', 'no reader was free in time', { next: 'retry in a second' });
    }
    if (typeof answer === 'string') {
        throw lossError(answer, limits.timeoutMs);
    }
    if ('failure' in answer.head) {
        throw answer.head.failure.code === READER_FAILURES.noRoom
            ? noRoom()
            : databaseFailure(answer.head.failure, pipeline);
    }
    for (const { question } of askings) {
        // A migration may have been applied meanwhile.
        refuseNotFilled(pipeline, question);
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

/** A question with its values, as a reader runs it. */
export function jobQuery({ question, values, format, page }: Asking): JobQuery {
    return {
        sql: question.statement.sql.replace(/;\s*$/, ''),
        values,
        format,
        page,
        reads: question.reads,
        cutToSeconds: question.columns.filter((column) => column.isCutToSeconds).map(({ name }) => name),
    };
}

function bytesOf(result: QueryResult): number {
    return 'bytes' in result ? result.bytes : 0;
}
