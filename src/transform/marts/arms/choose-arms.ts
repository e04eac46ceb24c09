import type { Relation } from '../rules/reading.ts';
import type { Arm } from './arm.ts';
import { type ArmStep, armSignature, armSteps } from './arm-steps.ts';
import { planArms } from './plan-arms.ts';

/** An arm with its steps, ready to be written. */
export interface ChosenArm {
    readonly arm: Arm;
    readonly steps: readonly ArmStep[];
}

interface Candidate extends ChosenArm {
    readonly tables: string;
    readonly conditions: ReadonlySet<string>;
}

/** The arms of a mart: of those that find the same keys, or keys that another one finds too, one stays. */
export function chooseArms(relation: Relation, key: readonly string[]): readonly ChosenArm[] {
    const chosen = new Map<string, Candidate[]>();
    for (const arm of relation.changes.flatMap((change) => planArms(change, key))) {
        const steps = armSteps(arm);
        const candidate: Candidate = { arm, steps, ...armSignature(steps, arm) };
        const alike = chosen.get(candidate.tables) ?? [];
        // Fewer conditions find more.
        if (!alike.some((other) => isSubset(other.conditions, candidate.conditions))) {
            const others = alike.filter((other) => !isSubset(candidate.conditions, other.conditions));
            chosen.set(candidate.tables, [...others, candidate]);
        }
    }
    const candidates = [...chosen.values()].flat();
    return candidates.filter((one) => !candidates.some((other) => other !== one && findsMore(other, one)));
}

/** `other` goes through fewer tables to the same columns, or compares all keys whenever `one` finds some. */
function findsMore(other: Candidate, one: Candidate): boolean {
    if (other.arm.key === undefined && one.arm.key !== undefined) {
        return isSubset(namesOf(other), namesOf(one)) && isSubset(other.conditions, one.conditions);
    }
    const isShorter = other.steps.length < one.steps.length && keyText(other) === keyText(one);
    return isShorter && isSubset(namesOf(other), namesOf(one)) && isSubset(other.conditions, one.conditions);
}

function keyText({ tables }: Candidate): string {
    return JSON.stringify((JSON.parse(tables) as unknown[])[0]);
}

function namesOf({ tables }: Candidate): ReadonlySet<string> {
    return new Set((JSON.parse(tables) as [unknown, string[]])[1]);
}

function isSubset(small: ReadonlySet<string>, large: ReadonlySet<string>): boolean {
    return [...small].every((one) => large.has(one));
}
