import type { GenerateUpkeep } from './mart-upkeep.ts';

/**
 * The generator of upkeep, with its parser, is loaded when a plan needs it: most runs find what was generated before.
 * Plans are made inside transactions, which do not wait; so what needs the generator fails, and begins anew with it.
 */
class GeneratorMissing extends Error {}

let loaded: GenerateUpkeep | undefined;

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
    loaded = (await import('./generate-upkeep.ts')).generateUpkeep;
}

/** @throws GeneratorMissing, for `withGenerator` */
export function loadedGenerator(): GenerateUpkeep {
    if (loaded === undefined) {
        throw new GeneratorMissing('the generator of upkeep is not loaded: call withGenerator');
    }
    return loaded;
}
