import type { FastifyRequest } from 'fastify';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { NoSuchPage } from '../http/http-error.ts';

/** The pipeline that a request names. @throws NoSuchPage */
export function pipelineOf(context: ServeContext, request: FastifyRequest): ServedPipeline {
    const { pipeline: name = '' } = request.params as { readonly pipeline?: string };
    const pipeline = context.pipelines.get(name);
    if (pipeline === undefined) {
        throw new NoSuchPage('pipeline', name, 'there is no such pipeline');
    }
    request.pipelineName = name;
    return pipeline;
}
