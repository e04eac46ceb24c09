/** A thing with the things that it is made from. */
interface LayoutNode {
    readonly name: string;
    readonly upstream: readonly string[];
}

/** A place in a layer: layers from the left, places from the top, both from 0. */
export interface Place {
    readonly layer: number;
    readonly place: number;
}

export interface Layout {
    readonly nodes: ReadonlyMap<string, Place>;
    /** A line from a node to one that is made from it, over a free place in each layer between them. */
    readonly lines: readonly { readonly from: string; readonly to: string; readonly over: readonly Place[] }[];
    /** Number of places in each layer. */
    readonly heights: readonly number[];
}

/** How often the layers are put in order by their neighbours, from each side in turn. */
const SWEEPS = 8;

/**
 * Places nodes in layers, each to the right of all that it is made from, and within a layer near to its neighbours, so
 * that few lines cross. A line that passes a layer has a place of its own there, so it leads through no node. Names that
 * are not among the nodes count for nothing.
 */
export function layeredLayout(nodes: readonly LayoutNode[]): Layout {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const upstream = (name: string): readonly string[] =>
        [...new Set(byName.get(name)?.upstream ?? [])].filter((other) => byName.has(other) && other !== name);
    const layerOf = layers(nodes, upstream);
    const rows: Spot[][] = [];
    const put = (spot: Spot): Spot => {
        while (rows.length <= spot.layer) {
            rows.push([]);
        }
        rows[spot.layer]?.push(spot);
        return spot;
    };
    const spots = new Map(
        nodes.map(({ name }) => [name, put({ layer: layerOf.get(name) ?? 0, before: [], after: [], place: 0 })]),
    );
    const lines = nodes.flatMap(({ name }) =>
        upstream(name).map((other) => {
            const [from, to] = [spots.get(other) as Spot, spots.get(name) as Spot];
            const between = Array.from({ length: Math.max(0, to.layer - from.layer - 1) }, (_, index) =>
                put({ layer: from.layer + 1 + index, before: [], after: [], place: 0 }),
            );
            const chain = [from, ...between, to];
            for (const [index, spot] of chain.slice(1).entries()) {
                spot.before.push(chain[index] as Spot);
                chain[index]?.after.push(spot);
            }
            return { from: other, to: name, over: between as readonly Place[] };
        }),
    );
    number(rows);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
        const isForward = sweep % 2 === 0;
        for (const row of isForward ? rows : [...rows].reverse()) {
            sortByNeighbours(row, (spot) => (isForward ? spot.before : spot.after));
            number([row]);
        }
    }
    return { nodes: spots, lines, heights: rows.map((row) => row.length) };
}

/** A place that a node or a passing line takes. */
interface Spot {
    readonly layer: number;
    place: number;
    readonly before: Spot[];
    readonly after: Spot[];
}

function layers(
    nodes: readonly LayoutNode[],
    upstream: (name: string) => readonly string[],
): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    const visit = (name: string, above: ReadonlySet<string>): number => {
        const known = found.get(name);
        if (known !== undefined || above.has(name)) {
            return known ?? 0;
        }
        const inside = new Set([...above, name]);
        const layer = Math.max(-1, ...upstream(name).map((other) => visit(other, inside))) + 1;
        found.set(name, layer);
        return layer;
    };
    for (const { name } of nodes) {
        visit(name, new Set());
    }
    return found;
}

function number(rows: readonly Spot[][]): void {
    for (const row of rows) {
        for (const [place, spot] of row.entries()) {
            spot.place = place;
        }
    }
}

/** By the middle of their neighbours; one without neighbours on that side stays where it is. */
function sortByNeighbours(row: Spot[], neighbours: (spot: Spot) => readonly Spot[]): void {
    const weights = new Map(
        row.map((spot) => {
            const places = neighbours(spot).map(({ place }) => place);
            const sum = places.reduce((total, place) => total + place, 0);
            return [spot, places.length === 0 ? spot.place : sum / places.length];
        }),
    );
    row.sort((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0) || one.place - other.place);
}
