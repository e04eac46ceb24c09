import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpError } from '../http/http-error.ts';
import { MEDIA_TYPES, type WireFormat } from '../http/negotiate-format.ts';
import type { RowStream } from '../readers/row-stream.ts';
import { type Asking, jobQuery } from './ask-readers.ts';
import { databaseFailure, lossError, queryError } from './query-errors.ts';
import type { ServeContext } from './serve-context.ts';
import type { ServedPipeline } from './served-pipeline.ts';

/** Whether the rows are too many for one answer, but can be sent as they come. */
export function canStream(error: unknown, { format, page }: Asking): boolean {
    const isTooLarge = error instanceof HttpError && error.body.code === 'ANSWER_TOO_LARGE';
    return isTooLarge && page === null && (format === 'csv' || format === 'ndjson');
}

/**
 * Sends the rows of a question as they come, without a limit: each piece once the client has taken the one before. A
 * client that leaves ends the query.
 * @throws HttpError SERVER_BUSY, TIME_LIMIT, MEMORY_LIMIT; EltError for a wrong file or database
 */
export async function streamRows(
    context: ServeContext,
    pipeline: ServedPipeline,
    asking: Asking,
    request: FastifyRequest,
    reply: FastifyReply,
): Promise<FastifyReply> {
    const stream = context.streams.begin(pipeline.file, jobQuery(asking));
    if (stream === null) {
        throw new HttpError('SERVER_BUSY', 'too many tables are being downloaded', { next: 'retry later' });
    }
    reply.raw.once('close', () => stream.end());
    try {
        await refuseWithoutRows(context, pipeline, asking, stream);
    } catch (error) {
        stream.end();
        throw error;
    }
    reply.header('content-type', MEDIA_TYPES[asking.format as WireFormat]);
    if (request.method === 'HEAD') {
        stream.end();
        return reply.send();
    }
    return context.sendPieces(reply, stream.pieces());
}

async function refuseWithoutRows(
    { options }: ServeContext,
    pipeline: ServedPipeline,
    { question }: Asking,
    stream: RowStream,
): Promise<void> {
    const head = await stream.head();
    if (typeof head === 'string') {
        throw lossError(head, options.timeoutMs);
    }
    if (head.database !== undefined) {
        throw databaseFailure(head.database, pipeline);
    }
    if (head.failure !== undefined) {
        throw queryError(head.failure, question, pipeline);
    }
}
