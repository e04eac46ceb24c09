import { EltError } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';
import { caseError, type MartCase } from '../../project/case-files.ts';
import type { PlannedModel } from '../plan/decide.ts';
import type { CaseGround } from './case-ground.ts';

/** The models that a case runs. */
export interface CaseChain {
    readonly mart: PlannedModel;
    /** From what is given to the mart, which comes last. */
    readonly models: readonly PlannedModel[];
    /** Models whose tables are given: their rows are put there in their place. */
    readonly givers: readonly PlannedModel[];
    /** The givers and what they read: they run once, without a row, so that their tables are there. */
    readonly makers: readonly PlannedModel[];
}

/** The mart of a case. @throws EltError MODEL_UNKNOWN, CASE_WRONG where it cannot run without what has landed */
export function martOf(one: MartCase, { planned }: CaseGround): PlannedModel {
    const found = planned.find(({ ordered }) => ordered.model.toLowerCase() === one.mart.toLowerCase());
    if (found === undefined) {
        const names = planned.map(({ ordered }) => ordered.model);
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `the cases of "${one.file}" are of no model`,
            where: one.file,
            found: `there is no model "${one.mart}"; ${didYouMeanOrList(one.mart, names, 'models')}`,
            state: 'nothing was changed',
            next: 'call the file <mart>.case.sql',
        });
    }
    const { waitsFor } = found.ordered;
    if (waitsFor !== null) {
        throw caseError(one, one.line, {
            message: `"${one.mart}" reads "${waitsFor}", and no file of the pipeline says which columns that has`,
            found: 'columns are known of declared sources (sources/) and of current tables (upkeep/)',
            next: 'write its current table with "elt scaffold", or declare it in sources/',
        });
    }
    return found;
}

/** The models between the tables that are given and the mart. */
export function chainOf(mart: PlannedModel, given: readonly string[], { planned }: CaseGround): CaseChain {
    const givers = planned.filter((one) => one !== mart && given.some((table) => fills(one, table, planned)));
    const isIn = (all: ReadonlySet<PlannedModel>) => planned.filter((one) => all.has(one));
    return {
        mart,
        models: isIn(withUpstream([mart], planned, givers)),
        givers,
        makers: isIn(withUpstream(givers, planned, [])),
    };
}

/** Models with all that they read, but nothing beyond `ends`. */
function withUpstream(
    models: readonly PlannedModel[],
    planned: readonly PlannedModel[],
    ends: readonly PlannedModel[],
): ReadonlySet<PlannedModel> {
    const found = new Set<PlannedModel>();
    const add = (one: PlannedModel): void => {
        if (!found.has(one) && !ends.includes(one)) {
            found.add(one);
            planned.filter(({ ordered }) => one.ordered.upstream.includes(ordered.model)).forEach(add);
        }
    };
    models.forEach(add);
    return found;
}

/** Whether the table is this model's: it is named like it, or no other model is and it creates or writes it. */
function fills({ ordered }: PlannedModel, table: string, planned: readonly PlannedModel[]): boolean {
    const name = table.toLowerCase();
    const isNamed = (model: string): boolean => model.toLowerCase() === name;
    if (planned.some((other) => isNamed(other.ordered.model))) {
        return isNamed(ordered.model);
    }
    return [...ordered.creates, ...ordered.writes].some((one) => one.toLowerCase() === name);
}

/** The tables that a case of the chain may give: what its models read, besides the mart. */
export function readByChain({ models, mart }: CaseChain, { tables }: CaseGround): readonly string[] {
    const read = new Set(models.flatMap(({ ordered }) => ordered.reads).map((name) => name.toLowerCase()));
    return [...tables.values()]
        .map(({ name }) => name)
        .filter((name) => read.has(name.toLowerCase()) && name.toLowerCase() !== mart.ordered.model.toLowerCase());
}
