import { inOneLine } from '../../sql/relation-name.ts';
import type { ChosenArm } from './arms/choose-arms.ts';
import type { MartHow } from './mart-upkeep.ts';
import type { Occurrence } from './rules/way.ts';

/** How a mart is kept up to date, in words. `found`: its arms, or why there are none. */
export function howOf(found: readonly ChosenArm[] | string, wide: readonly string[]): MartHow {
    const arms = typeof found === 'string' ? [] : found.filter(({ arm }) => arm.key !== undefined).map(startsOf);
    const inFull = typeof found === 'string' ? [`always: ${found}`] : reasonsOf(found);
    const counted = arms.length === 1 ? '1 arm' : `${arms.length} arms`;
    const parts = [
        arms.length === 0 ? 'no arms' : `${counted} (${[...new Set(arms)].join(', ')})`,
        `compared in full: ${inFull.length === 0 ? 'never' : inFull.join('; ')}`,
        ...(wide.length === 0 ? [] : [`computed in full: ${wide.join('; ')}`]),
    ];
    return { arms, inFull, wide, scanned: [], undetermined: [], text: inOneLine(parts.join('; ')) };
}

/** The same in a few words, for a column of a table. */
export function howWords({ arms, inFull, text }: MartHow): string {
    if (arms.length === 0 && inFull.length === 0) {
        return text.split(';')[0] ?? text;
    }
    const all = inFull.map((reason) => `all rows ${reason}`);
    return [...(arms.length === 0 ? [] : ['keys']), ...all].join('; ');
}

/** When all rows are compared, and why. */
function reasonsOf(arms: readonly ChosenArm[]): readonly string[] {
    const gates = arms.filter(({ arm }) => arm.key === undefined);
    const reasons = gates.map(
        (one) => `when ${startsOf(one)} changes (${one.arm.way.why ?? 'no equal columns lead from it to the key'})`,
    );
    return [...new Set(reasons)];
}

/** The tables of which an arm takes changed rows. */
function startsOf({ arm }: ChosenArm): string {
    const starts = arm.way.occurrences.filter(({ id }) => arm.starts.includes(id));
    return starts.map(nameOf).join(' and ');
}

function nameOf(occurrence: Occurrence): string {
    switch (occurrence.kind) {
        case 'table':
            return occurrence.table.name;
        case 'call':
            return occurrence.name;
        case 'ran':
            return occurrence.model;
    }
}
