import type { FastifyReply } from 'fastify';
import { HttpError } from '../http/http-error.ts';
import type { BodyBudget } from '../readers/body-budget.ts';
import type { ReaderPool } from '../readers/reader-pool.ts';
import { type ServeOptions, TAKING_BYTES_PER_SECOND_MIN, TAKING_GRACE_MS } from './serve-options.ts';
import type { ServedPipeline } from './served-pipeline.ts';
import type { ServedQuestions } from './served-questions.ts';

/** What every route of a server works with. */
export interface ServeContext {
    readonly options: ServeOptions;
    readonly pipelines: ReadonlyMap<string, ServedPipeline>;
    readonly questions: ServedQuestions;
    readonly pool: ReaderPool;
    /** Sends bytes, which count against what all clients together may leave waiting. @throws HttpError SERVER_BUSY */
    readonly sendBody: (reply: FastifyReply, body: Buffer) => FastifyReply;
    readonly budget: BodyBudget;
}

export function serveContext(parts: Omit<ServeContext, 'sendBody'>): ServeContext {
    const { budget } = parts;
    return {
        ...parts,
        sendBody: (reply, body) => {
            if (!budget.hasRoom(body.length)) {
                throw noRoom();
            }
            if (reply.raw.destroyed) {
                // The client has gone: no event would end the account of these bytes.
                return reply.send(body);
            }
            budget.waiting += body.length;
            const enoughMs = TAKING_GRACE_MS + (body.length / TAKING_BYTES_PER_SECOND_MIN) * 1_000;
            const giveUp = budget.isSmall(body.length) ? undefined : setTimeout(() => reply.raw.destroy(), enoughMs);
            reply.raw.once('close', () => {
                clearTimeout(giveUp);
                budget.waiting -= body.length;
            });
            return reply.send(body);
        },
    };
}

/** Why an answer that is ready is not sent. */
export function noRoom(): HttpError {
    return new HttpError('SERVER_BUSY', 'too many large answers are on their way to slow clients', {
        next: 'ask for less, or in a while',
    });
}
