import type { Condition, Way } from '../rules/way.ts';

/** Which tables of a way stand next to which, and how dear a step is. */
export class Paths {
    readonly #steps = new Map<number, Map<number, number>>();

    constructor(way: Way, conditions: readonly Condition[]) {
        for (const { id } of way.occurrences) {
            this.#steps.set(id, new Map());
        }
        for (const { reads, operands } of conditions) {
            const [one, other, ...more] = reads;
            if (one !== undefined && other !== undefined && more.length === 0) {
                const cost = operands === undefined ? Cost.inequality : Cost.equality;
                this.#add(one, other, cost);
                this.#add(other, one, cost);
            }
        }
        for (const occurrence of way.occurrences) {
            for (const id of occurrence.kind === 'call' ? occurrence.call.reads : []) {
                this.#add(id, occurrence.id, Cost.call);
                this.#add(occurrence.id, id, Cost.inequality);
            }
        }
    }

    /** The shortest way from each table to one of `goals`, as the next table on it; the goals themselves have none. */
    toward(goals: Iterable<number>): ReadonlyMap<number, number | undefined> {
        const next = new Map<number, number | undefined>();
        const costs = new Map([...goals].map((goal) => [goal, 0]));
        const from = new Map<number, number>();
        while (costs.size > next.size) {
            const open = [...costs].filter(([id]) => !next.has(id));
            const [at, cost] = open.reduce((best, one) => (one[1] < best[1] ? one : best));
            next.set(at, from.get(at));
            for (const [neighbour, steps] of this.#steps) {
                const step = steps.get(at);
                if (step !== undefined && cost + step < (costs.get(neighbour) ?? Number.POSITIVE_INFINITY)) {
                    costs.set(neighbour, cost + step);
                    from.set(neighbour, at);
                }
            }
        }
        return next;
    }

    #add(from: number, to: number, cost: number): void {
        const steps = this.#steps.get(from);
        if (steps !== undefined && this.#steps.has(to)) {
            steps.set(to, Math.min(cost, steps.get(to) ?? cost));
        }
    }
}

/** An equality is a search, an inequality a range, and a table function is worked out where its arguments are. */
const Cost = { equality: 1, call: 1, inequality: 4 } as const;

/** The tables from one to a goal. */
export function pathFrom(start: number, next: ReadonlyMap<number, number | undefined>): readonly number[] {
    const path: number[] = [];
    for (let at: number | undefined = start; at !== undefined; at = next.get(at)) {
        path.push(at);
    }
    return path;
}
