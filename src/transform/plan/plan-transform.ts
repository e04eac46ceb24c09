import { EltError } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import { readCatalogue } from '../../ledger/catalogue.ts';
import { readModelStops } from '../../ledger/model-stops.ts';
import { type ProjectFiles, withStatements } from '../../project/model-files.ts';
import type { Database } from '../../sqlite/database.ts';
import { type FollowedModel, followDrift } from '../current/follow-drift.ts';
import { readKeyFacts } from '../current/read-key-facts.ts';
import type { StoppedFold } from '../current/stopped-file.ts';
import { followMart } from '../marts/follow-mart.ts';
import { decideRuns, type PlannedModel, type RunRequest } from './decide.ts';
import { statementsAt } from './file-facts.ts';
import { keepOrder, orderOfModels } from './kept-order.ts';
import type { OrderedModel } from './model-order.ts';

/** Models that this run has tried and that stopped, with the reason. */
export type StoppedFolds = ReadonlyMap<string, StoppedFold>;

/** What runs of the same files on the same schema and catalogue have in common. */
export interface PreparedPlan {
    /** Reads only how far the models are. */
    readonly decide: (request: RunRequest) => readonly PlannedModel[];
    /** Stores the order for other processes, in the run's transaction. */
    readonly keep: () => void;
}

/** Decides what a run would do, and changes nothing. */
export function planTransform(
    database: Database,
    files: ProjectFiles,
    request: RunRequest,
    stopped: StoppedFolds = new Map(),
): { readonly planned: readonly PlannedModel[]; readonly keep: () => void } {
    refuseUnknownModels(files, request.select);
    const { decide, keep } = preparePlan(database, files, stopped);
    return { planned: decide(request), keep };
}

/** Reads the catalogue and works out the order; changes nothing. */
export function preparePlan(database: Database, files: ProjectFiles, stopped: StoppedFolds): PreparedPlan {
    const facts = {
        catalogue: readCatalogue(database),
        keyFacts: readKeyFacts(database),
        stops: readModelStops(database),
    };
    const followed = new Map<string, FollowedModel>();
    for (const model of files.models) {
        const one = followDrift(database, model, facts);
        followed.set(model.name, { ...one, stop: stopped.get(model.name) ?? one.stop });
    }
    const models = [...followed.values()].map((one) => one.model);
    const waits = new Map(
        [...followed].flatMap(([name, { waitsFor }]) => (waitsFor === null ? [] : [[name, waitsFor] as const])),
    );
    const ofPlan = { waits, migratedTables: files.migratedTables };
    const plan = orderOfModels(database, models, ofPlan);
    const ordered = new Map(plan.order.map((one) => [one.model, one]));
    for (const model of files.models) {
        const upkeep = plan.upkeeps[model.name];
        const one = upkeep === undefined ? (followed.get(model.name) as FollowedModel) : followMart(model, upkeep);
        const statements = statementsAt(one.model.text, ordered.get(model.name) as OrderedModel);
        followed.set(model.name, { ...one, model: withStatements(one.model, statements) });
    }
    return {
        decide: (request) => decideRuns(database, plan, followed, request),
        keep: () => keepOrder(database, models, plan, ofPlan),
    };
}

/** @throws EltError MODEL_UNKNOWN */
export function refuseUnknownModels(files: ProjectFiles, select: readonly string[]): void {
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
