import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { PageAssets } from '../http/page-assets.ts';
import type { BodyBudget } from '../readers/body-budget.ts';
import type { ReaderPool } from '../readers/reader-pool.ts';
import type { RowStreams } from '../readers/row-streams.ts';
import { noRoom } from './no-room.ts';
import { type ServeOptions, TAKING_BYTES_PER_SECOND_MIN, TAKING_GRACE_MS } from './serve-options.ts';
import type { ServedPipeline } from './served-pipeline.ts';
import type { ServedQuestions } from './served-questions.ts';
import type { SharedAnswers } from './shared-answers.ts';

/** The objects that every route of a server uses. */
export interface ServeContext {
    readonly options: ServeOptions;
    readonly pipelines: ReadonlyMap<string, ServedPipeline>;
    readonly questions: ServedQuestions;
    readonly pool: ReaderPool;
    readonly streams: RowStreams;
    /** Answers that many viewers share. */
    readonly shared: SharedAnswers;
    readonly assets: PageAssets;
    /** Sends bytes, which count against the limit of unsent bytes of all clients. @throws HttpError SERVER_BUSY */
    readonly sendBody: (reply: FastifyReply, body: Buffer) => FastifyReply;
    /** The same for bytes that are sent as they come; a client that takes too long for one piece is given up. */
    readonly sendPieces: (reply: FastifyReply, pieces: AsyncIterable<Buffer>) => FastifyReply;
    readonly budget: BodyBudget;
}

export function serveContext(parts: Omit<ServeContext, 'sendBody' | 'sendPieces'>): ServeContext {
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
            const giveUp = budget.isSmall(body.length)
                ? undefined
                : setTimeout(() => reply.raw.destroy(), enoughMs(body.length));
            reply.raw.once('close', () => {
                clearTimeout(giveUp);
                budget.waiting -= body.length;
            });
            return reply.send(body);
        },
        sendPieces: (reply, pieces) => reply.send(Readable.from(taken(reply, pieces, budget), { objectMode: false })),
    };
}

/** The pieces, each once the client has taken the one before. */
async function* taken(reply: FastifyReply, pieces: AsyncIterable<Buffer>, budget: BodyBudget): AsyncGenerator<Buffer> {
    let waiting = 0;
    let giveUp: NodeJS.Timeout | undefined;
    try {
        for await (const piece of pieces) {
            if (!budget.hasRoom(piece.length)) {
                throw noRoom();
            }
            waiting = piece.length;
            budget.waiting += waiting;
            giveUp = setTimeout(() => reply.raw.destroy(), enoughMs(piece.length));
            yield piece;
            clearTimeout(giveUp);
            budget.waiting -= waiting;
            waiting = 0;
        }
    } finally {
        clearTimeout(giveUp);
        budget.waiting -= waiting;
    }
}

function enoughMs(bytes: number): number {
    return TAKING_GRACE_MS + (bytes / TAKING_BYTES_PER_SECOND_MIN) * 1_000;
}
