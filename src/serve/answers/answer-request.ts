import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Question } from '../../query/question.ts';
import { isNoneMatch } from '../http/entity-tag.ts';
import { HttpError } from '../http/http-error.ts';
import { MEDIA_TYPES, negotiateFormat, type WireFormat } from '../http/negotiate-format.ts';
import { encodeAfter } from '../http/page-place.ts';
import { requestValues } from '../http/request-values.ts';
import { askReaders } from './ask-readers.ts';
import type { ServeContext } from './serve-context.ts';
import type { DatabaseState, ServedPipeline } from './served-pipeline.ts';
import { canStream, streamRows } from './stream-rows.ts';

/** A request for a question, with the values from its address. */
interface AskedQuestion {
    readonly pipeline: ServedPipeline;
    readonly question: Question;
    /** Identifies the question for fair scheduling and metrics: its route. */
    readonly key: string;
    readonly inPath: ReadonlyMap<string, string>;
    readonly given: ReadonlyMap<string, string>;
    /** The suffix of the path; null: `Accept` decides. */
    readonly suffix: WireFormat | null;
}

/** Answers a question: checks the request, then sends 304 if the client has the answer already, else the rows. */
export async function answerRequest(
    context: ServeContext,
    asked: AskedQuestion,
    request: FastifyRequest,
    reply: FastifyReply,
): Promise<FastifyReply> {
    const { pipeline, question } = asked;
    const format = asked.suffix ?? negotiateFormat(request.headers.accept);
    const { values, page } = requestValues(question, asked.inPath, asked.given, context.options.rowsMax);

    // Read before the query: a commit in between makes the tag too old, which only costs one more request.
    const state = pipeline.state();
    const tag = entityTag(state, question.text, values, page, format);
    reply.header('cache-control', 'no-cache').header('vary', 'Accept, Origin, Authorization');
    if (tag !== null) {
        reply.header('etag', tag);
        if (isNoneMatch(request.headers['if-none-match'], tag)) {
            return reply.code(304).send();
        }
    }

    const asking = { question, values, page, format };
    const [answer] = await askReaders(context.pool, context.options, pipeline, state, [asking], asked.key);
    if (answer === undefined || 'error' in answer) {
        if (canStream(answer?.error, asking)) {
            return await streamRows(context, pipeline, asking, request, reply);
        }
        throw answer?.error ?? new Error('a job without a result');
    }
    if (answer.rows === 0 && question.isNotFoundWithoutRow && page?.after == null) {
        throw new HttpError('NOT_FOUND', `there is no ${described(asked)}`);
    }
    if (answer.next !== null) {
        reply.header('link', `<${nextAddress(request.url, encodeAfter(answer.next))}>; rel="next"`);
    }
    reply.header('content-type', MEDIA_TYPES[format]);
    return context.sendBody(reply, answer.body);
}

/** Null if the state of the database is unknown: nothing may then be treated as unchanged. */
function entityTag(state: DatabaseState, ...parts: readonly unknown[]): string | null {
    if (state.version === null) {
        return null;
    }
    return `"${hash('sha1', state.version + JSON.stringify(parts), 'base64url')}"`;
}

/** The same address with another `after`. */
function nextAddress(address: string, after: string): string {
    const at = address.indexOf('?');
    const parts = at < 0 ? [] : address.slice(at + 1).split('&');
    const kept = parts.filter((part) => part !== '' && !/^after(=|$)/.test(part));
    return `${at < 0 ? address : address.slice(0, at)}?${[...kept, `after=${after}`].join('&')}`;
}

/** `userId "x"`: what the path names. */
function described({ inPath }: AskedQuestion): string {
    return (
        [...inPath].map(([name, value]) => `${name} ${JSON.stringify(value.slice(0, 100))}`).join(', ') || 'such row'
    );
}
