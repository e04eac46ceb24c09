import type { FastifyReply } from 'fastify';
import { HttpError } from './http-error.ts';
import type { ReaderPool } from './reader-pool.ts';
import { BODIES_BYTES_MAX, type ServeOptions } from './serve-options.ts';
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
    /** Bytes that clients have not taken yet. */
    readonly bytesWaiting: () => number;
}

/** Bodies below this are never refused: they are what errors and most answers are. */
const SMALL_BYTES = 16_384;

export function serveContext(parts: Omit<ServeContext, 'sendBody' | 'bytesWaiting'>): ServeContext {
    let bytesWaiting = 0;
    return {
        ...parts,
        bytesWaiting: () => bytesWaiting,
        sendBody: (reply, body) => {
            if (body.length > SMALL_BYTES && bytesWaiting + body.length > BODIES_BYTES_MAX) {
                throw new HttpError('SERVER_BUSY', 'too many large answers are on their way to slow clients', {
                    next: 'ask for less, or in a while',
                });
            }
            bytesWaiting += body.length;
            reply.raw.once('close', () => {
                bytesWaiting -= body.length;
            });
            return reply.send(body);
        },
    };
}
