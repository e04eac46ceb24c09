import { fragmentText } from '../rules/fragment.ts';
import type { Condition, Occurrence } from '../rules/way.ts';
import type { Arm } from './arm.ts';

/** A table of an arm with the conditions that can be asked once it is reached. */
export interface ArmStep {
    readonly occurrence: Occurrence;
    readonly isChanged: boolean;
    readonly conditions: readonly Condition[];
}

/** The steps of an arm in the order in which it goes through its tables. */
export function armSteps(arm: Arm): readonly ArmStep[] {
    const chain = withArguments(arm);
    const inside = new Set(chain.map(({ id }) => id));
    const usable = arm.conditions.filter(({ reads }) => [...reads].every((id) => inside.has(id)));
    const placed = new Set<Condition>();
    const reached = new Set<number>();
    return chain.map((occurrence, index) => {
        const previous = chain[index - 1]?.id;
        reached.add(occurrence.id);
        const isReached = ({ reads }: Condition): boolean => [...reads].every((id) => reached.has(id));
        const conditions = usable.filter((one) => !placed.has(one) && isReached(one));
        const hangsTogether = conditions.some((one) => one.operands !== undefined && one.reads.size > 1);
        if (index > 0 && !hangsTogether) {
            const implied = arm.implied.filter((one) => one.reads.has(occurrence.id) && isReached(one));
            const beside = implied.filter((one) => previous !== undefined && one.reads.has(previous));
            conditions.push(...(beside.length > 0 ? beside : implied).slice(0, 1));
        }
        for (const condition of conditions) {
            placed.add(condition);
        }
        return { occurrence, isChanged: arm.starts.includes(occurrence.id), conditions };
    });
}

/** The chain as occurrences; a table function comes after what its arguments are taken from. */
function withArguments(arm: Arm): readonly Occurrence[] {
    const byId = new Map(arm.way.occurrences.map((one) => [one.id, one]));
    const ordered: Occurrence[] = [];
    const add = (id: number): void => {
        const occurrence = byId.get(id);
        if (occurrence === undefined || ordered.includes(occurrence)) {
            return;
        }
        if (occurrence.kind === 'call') {
            for (const read of occurrence.call.reads) {
                add(read);
            }
        }
        ordered.push(occurrence);
    };
    for (const id of arm.chain) {
        add(id);
    }
    return ordered;
}

/** An arm told without the names that a person gave its tables: the same for arms that find the same. */
export function armSignature(
    steps: readonly ArmStep[],
    arm: Arm,
): { readonly tables: string; readonly conditions: ReadonlySet<string> } {
    const counts = new Map<string, number>();
    const names = new Map<number, string>();
    for (const { occurrence, isChanged } of steps) {
        const table = `${isChanged ? '!' : ''}${baseOf(occurrence)}`;
        const count = (counts.get(table) ?? 0) + 1;
        counts.set(table, count);
        names.set(occurrence.id, `${table}#${count}`);
    }
    const text = (one: Condition['text']): string => {
        return fragmentText(one, (id, column) => `${names.get(id) ?? '?'}.${column}`).trim();
    };
    // What a table function is given decides over its rows as a condition does.
    const calls = steps.flatMap(({ occurrence }) =>
        occurrence.kind === 'call' ? [`${names.get(occurrence.id)}(${text(occurrence.call.text)})`] : [],
    );
    const conditions = steps.flatMap((step) => step.conditions.map((condition) => text(condition.text)));
    return {
        tables: JSON.stringify([arm.key?.map((value) => text(value.text)) ?? null, [...names.values()]]),
        conditions: new Set([...calls, ...conditions]),
    };
}

function baseOf(occurrence: Occurrence): string {
    switch (occurrence.kind) {
        case 'table':
            return occurrence.table.name.toLowerCase();
        case 'call':
            return `${occurrence.name}()`;
        case 'ran':
            return `ran ${occurrence.model}`;
    }
}
