import type { explainQuestion } from './find-scans.ts';
import type { GenerateUpkeep } from './mart-upkeep.ts';

/**
 * The generator of upkeep, with its parser, is loaded when a plan needs it: most runs find what was generated before.
 * Plans are made inside transactions, which do not wait; so what needs the generator fails, and begins anew with it.
 */
class GeneratorMissing extends Error {}

/** What needs the parser. Nothing else may import it where a run passes: loading it takes longer than many a run. */
interface Generator {
    readonly generateUpkeep: GenerateUpkeep;
    readonly explainQuestion: typeof explainQuestion;
}

let loaded: Generator | undefined;

/** Does `work` and, if the generator was missing, loads it and does all of it again. */
export async function withGenerator<T>(work: () => T | Promise<T>): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (!(error instanceof GeneratorMissing)) {
            throw error;
        }
        await loadGenerator();
        return await work();
    }
}

export async function loadGenerator(): Promise<void> {
    const [upkeep, scans] = await Promise.all([import('./generate-upkeep.ts'), import('./find-scans.ts')]);
    loaded = { generateUpkeep: upkeep.generateUpkeep, explainQuestion: scans.explainQuestion };
}

/** @throws GeneratorMissing, for `withGenerator` */
export function loadedGenerator(): Generator {
    if (loaded === undefined) {
        throw new GeneratorMissing('the generator of upkeep is not loaded: call withGenerator');
    }
    return loaded;
}
