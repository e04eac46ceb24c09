import type { DriftPolicy } from '../land/staging/drift-policy.ts';
import { parentOf } from '../project/partitions.ts';
import { declaredText, type PipelineSettings } from '../project/pipeline-settings.ts';

/** What a pipeline says about the tables in which a file lands. A server that is followed publishes by the root itself. */
export function landingPolicy(settings: PipelineSettings): DriftPolicy {
    return { drift: settings.drift, declared: declaredText(settings), parent: parentOf(settings.partitions ?? []) };
}
