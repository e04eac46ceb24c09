import type { FastifyReply } from 'fastify';
import { HttpError } from '../http/http-error.ts';
import type { BodyBudget } from '../readers/body-budget.ts';
import type { ReaderPool } from '../readers/reader-pool.ts';
import { type ServeOptions, TAKING_BYTES_PER_SECOND_MIN, TAKING_GRACE_MS } from './serve-options.ts';
import type { ServedPipeline } from './served-pipeline.ts';
import type { ServedQuestions } from './served-questions.ts';

/** The objects that every route of a server uses. */
export interface ServeContext {
    readonly options: ServeOptions;
    readonly pipelines: ReadonlyMap<string, ServedPipeline>;
    readonly questions: ServedQuestions;
    readonly pool: ReaderPool;
    /** Sends bytes, which count against the limit of unsent bytes of all clients. @throws HttpError SERVER_BUSY */
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
                // The client has disconnected: no event would subtract these bytes again.
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

/** The error if there is no room to send an answer. */
export function noRoom(): HttpError {
    return new HttpError('SERVER_BUSY', 'too many large answers are being sent to slow clients', {
        next: 'request less, or retry later',
    });
}
