import { EltError } from '../../core/errors.ts';
import { columnTwiceError, unnamedError } from '../../query/answer.ts';
import type { Question } from '../../query/question.ts';
import { hasReadableHead, withoutExcerpt } from '../../query/readable-head.ts';
import { statementError } from '../../sqlite/run-statement.ts';
import { databaseSentence, HttpError } from '../http/http-error.ts';
import { type QueryFailure, READER_FAILURES } from '../readers/reader-wire.ts';
import type { ServedPipeline } from './served-pipeline.ts';

function memoryLimit(): HttpError {
    return new HttpError('MEMORY_LIMIT', 'the query needs more memory than a reader may have');
}

/** Why the process that ran a query has no answer. */
export function lossError(loss: 'time limit' | 'memory limit' | 'ended', timeoutMs: number): HttpError {
    switch (loss) {
        case 'time limit':
            return new HttpError('TIME_LIMIT', `the query took longer than ${timeoutMs} ms and was ended`);
        case 'memory limit':
            return memoryLimit();
        case 'ended':
            return new HttpError('READER_FAILED', 'the process that ran the query ended unexpectedly');
    }
}

/** Why the database could not be opened. */
export function databaseFailure({ code, message }: QueryFailure, pipeline: ServedPipeline): unknown {
    if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
        return new EltError({ code: 'DATABASE_LOCKED', message: databaseSentence('DATABASE_LOCKED', pipeline.name) });
    }
    if (code.startsWith('DATABASE_')) {
        return new EltError({ code: code as 'DATABASE_MISSING', message });
    }
    return new EltError({ code: 'DATABASE_IO', message: databaseSentence('DATABASE_IO', pipeline.name), found: code });
}

/** Why a question has no answer. */
export function queryError({ code, message }: QueryFailure, question: Question, pipeline: ServedPipeline): unknown {
    switch (code) {
        case READER_FAILURES.tooManyRows:
        case READER_FAILURES.tooManyBytes:
            return new HttpError('ANSWER_TOO_LARGE', `the answer has ${message}`, {
                next:
                    question.page === null || question.page.length === 0
                        ? 'request it as .csv or .ndjson, which have no limit, or less with the parameters'
                        : 'request it as .csv or .ndjson, which have no limit, or pages with limit=…, then follow the header Link',
            });
        case READER_FAILURES.pageColumn:
            return new EltError({ code: 'SQL_HEADER', message, where: question.file, next: 'correct the line "page"' });
        case READER_FAILURES.notASelect:
            return new EltError({ code: 'SQL_STATEMENT', message: `"${question.file}" cannot be run: ${message}` });
    }
    if (code === READER_FAILURES.columnTwice) {
        return columnTwiceError(question.file, message);
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
    const unfit = whyUnfit(pipeline);
    if (unfit !== undefined) {
        return unfit;
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

/** Why no question of the pipeline has an answer now, such as that no run has created a table yet. */
function whyUnfit(pipeline: ServedPipeline): unknown {
    try {
        pipeline.check();
        return undefined;
    } catch (error) {
        return error;
    }
}
