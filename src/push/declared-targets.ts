import { EltError } from '../core/errors.ts';
import { headOfMart, type ModelFile, type ProjectFiles } from '../project/model-files.ts';
import { type TargetAddress, targetAddress } from './target-address.ts';

/** A mart and where it goes. */
export interface WantedPush {
    readonly mart: string;
    /** Undefined for a table that no file of the project fills. */
    readonly model: ModelFile | undefined;
    readonly address: TargetAddress;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A line `-- push:` whose variable is not set: on this machine the mart goes nowhere. */
export interface UnsetTarget {
    readonly mart: string;
    readonly variable: string;
}

interface DeclaredTargets {
    readonly wanted: readonly WantedPush[];
    readonly unset: readonly UnsetTarget[];
}

/**
 * The targets that the heads of the marts name: `-- push: https://search.example.com/metrics`, or
 * `-- push: $ELT_SEARCH/metrics`, which is another place on each machine and none where the variable is not set.
 * @throws EltError SQL_HEADER for an address that cannot be read.
 */
export function declaredTargets(
    files: ProjectFiles,
    marts: readonly string[] | null,
    environment: Environment = process.env,
): DeclaredTargets {
    const wanted: WantedPush[] = [];
    const unset: UnsetTarget[] = [];
    for (const model of files.models.filter(({ name }) => marts === null || marts.includes(name))) {
        for (const { key, value, line } of headOfMart(model)) {
            if (key !== 'push') {
                continue;
            }
            const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(value)?.[1];
            const start = variable === undefined ? '' : environment[variable];
            if (variable !== undefined && (start === undefined || start === '')) {
                unset.push({ mart: model.name, variable });
                continue;
            }
            const text = variable === undefined ? value : `${start}${value.slice(variable.length + 1)}`;
            wanted.push({ mart: model.name, model, address: inHead(text, model, line, environment) });
        }
    }
    return { wanted, unset };
}

function inHead(text: string, model: ModelFile, line: number, environment: Environment): TargetAddress {
    try {
        return targetAddress(text, model.name, environment);
    } catch (error) {
        if (!(error instanceof EltError)) {
            throw error;
        }
        const file = model.definition?.file ?? model.file;
        throw error.withNew({ code: 'SQL_HEADER', where: `${file}:${line}`, next: 'correct the line "-- push:"' });
    }
}

/** The model of a name, if a file of the project fills it. */
export function modelOfMart(files: ProjectFiles, mart: string): ModelFile | undefined {
    return files.models.find(({ name }) => name === mart);
}
