import { EltError } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import { readCatalogue } from '../../ledger/catalogue.ts';
import type { ProjectFiles } from '../../project/model-files.ts';
import type { Database } from '../../sqlite/database.ts';
import { followDrift } from '../current/follow-drift.ts';
import { decideRuns, type PlannedModel, type RunRequest } from './decide.ts';
import { keepOrder, orderOfModels } from './kept-order.ts';

/** Decides what a run would do, and changes nothing. */
export function planTransform(
    database: Database,
    files: ProjectFiles,
    request: RunRequest,
): { readonly planned: readonly PlannedModel[]; readonly keep: () => void } {
    refuseUnknown(files, request.select);
    const catalogue = readCatalogue(database);
    const followed = new Map(files.models.map((model) => [model.name, followDrift(database, model, catalogue)]));
    const models = [...followed.values()].map((one) => one.model);
    const waits = new Map(
        [...followed].flatMap(([name, { waitsFor }]) => (waitsFor === null ? [] : [[name, waitsFor] as const])),
    );
    const order = orderOfModels(database, models, waits);
    return {
        planned: decideRuns(database, order, followed, request),
        keep: () => keepOrder(database, models, order, waits),
    };
}

function refuseUnknown(files: ProjectFiles, select: readonly string[]): void {
    const names = files.models.map((model) => model.name);
    for (const name of select) {
        if (!names.includes(name)) {
            throw new EltError({
                code: 'MODEL_UNKNOWN',
                message: `there is no model "${name}"`,
                found: didYouMeanOrList(name, names, 'models'),
                next: 'see "elt status"',
            });
        }
    }
}
