import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServeContext } from '../answers/serve-context.ts';
import { sendPage } from '../http/html-page.ts';
import { NoSuchPage } from '../http/http-error.ts';
import { unknownPage } from './dashboard-pages.ts';
import { overviewsOf } from './pipeline-overview.ts';

/** Whether a person in a browser has asked for a page that there is not. */
export function isLostReader(error: unknown, request: FastifyRequest): error is NoSuchPage {
    return error instanceof NoSuchPage && /text\/html/.test(request.headers.accept ?? '');
}

/** The page that such a reader gets: what is served. */
export async function sendLostPage(
    context: ServeContext,
    { asked, status, body }: NoSuchPage,
    request: FastifyRequest,
    reply: FastifyReply,
): Promise<FastifyReply> {
    request.errorCode = body.code;
    return sendPage(request, reply.code(status), context.assets, unknownPage(asked, await overviewsOf(context)));
}
