import type { ProjectFiles } from '../../project/model-files.ts';
import { changeCount } from '../../sqlite/change-count.ts';
import { type Database, othersVersion } from '../../sqlite/database.ts';
import type { PlannedModel, RunRequest } from './decide.ts';
import { type PreparedPlan, planTransform, preparePlan, type StoppedFolds } from './plan-transform.ts';

/**
 * What runs know of the files, the schema and the catalogue, kept by a process that runs the same models repeatedly. It is
 * worked out again when a file, the schema or the catalogue has changed, when something was undone, or when another
 * process has written.
 */
export class KeptPlan {
    #files: ProjectFiles | null = null;
    #schema = -1;
    #others = -1;
    #changes = -1;
    #plan: PreparedPlan | null = null;
    /** Models whose views, triggers and indexes are as their files make them. */
    #made = new Set<string>();
    #isStored = false;

    plan(
        database: Database,
        files: ProjectFiles,
        request: RunRequest,
        stopped: StoppedFolds,
    ): { readonly planned: readonly PlannedModel[]; readonly keep: () => void } {
        const schema = database.pragma('schema_version', { simple: true }) as number;
        if (stopped.size > 0) {
            // A run that begins again without a model: rare, and of no other run's business.
            this.forget();
            return planTransform(database, files, request, stopped);
        }
        const others = othersVersion(database);
        const changes = changeCount(database);
        const isKept = this.#schema === schema && this.#others === others && this.#changes === changes;
        if (this.#plan === null || this.#files !== files || !isKept) {
            this.#plan = preparePlan(database, files, stopped);
            this.#made.clear();
            this.#isStored = false;
            this.#files = files;
            this.#schema = schema;
            this.#others = others;
            this.#changes = changes;
        }
        const plan = this.#plan;
        return { planned: plan.decide(request), keep: () => this.#keep(plan) };
    }

    /** What `isUnchangedSchema` says of a model, asked once a plan. */
    isMade(model: string, ask: () => boolean): boolean {
        if (!this.#made.has(model)) {
            if (!ask()) {
                return false;
            }
            this.#made.add(model);
        }
        return true;
    }

    /** What it knows is of a state that was undone. */
    forget(): void {
        this.#plan = null;
    }

    #keep(plan: PreparedPlan): void {
        if (!this.#isStored) {
            plan.keep();
            this.#isStored = true;
        }
    }
}
