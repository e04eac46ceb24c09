import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layeredLayout } from '../../src/report/models/layered-layout.ts';
import { propertyRuns } from '../support/properties.ts';

test('a chain stands in a row, and a line that passes a layer has a place there', () => {
    const { nodes, lines, heights } = layeredLayout([
        { name: 'c', upstream: ['b', 'a'] },
        { name: 'a', upstream: [] },
        { name: 'b', upstream: ['a', 'unknown', 'b'] },
    ]);
    expect([...nodes].map(([name, { layer }]) => [name, layer])).toEqual([
        ['c', 2],
        ['a', 0],
        ['b', 1],
    ]);
    expect(heights).toEqual([1, 2, 1]);
    expect(lines.find(({ from, to }) => from === 'a' && to === 'c')?.over).toHaveLength(1);
});

test('no two share a place, each stands to the right of what it is made from, and no line is lost', () => {
    // Each may be made from those before it: a graph without a circle.
    const graphs = fc.array(fc.array(fc.nat(30), { maxLength: 5 }), { maxLength: 25 }).map((lists) =>
        lists.map((list, index) => ({
            name: `n${index}`,
            upstream: list.filter((other) => other < index).map((other) => `n${other}`),
        })),
    );
    fc.assert(
        fc.property(graphs, (graph) => {
            const { nodes, lines, heights } = layeredLayout(graph);
            const places = [...nodes.values(), ...lines.flatMap(({ over }) => over)];
            expect(new Set(places.map(({ layer, place }) => `${layer}.${place}`)).size).toBe(places.length);
            expect(places.length).toBe(heights.reduce((sum, height) => sum + height, 0));
            for (const { name, upstream } of graph) {
                for (const other of upstream) {
                    expect(nodes.get(name)?.layer).toBeGreaterThan(nodes.get(other)?.layer ?? -1);
                }
            }
            const wanted = graph.flatMap(({ name, upstream }) => [...new Set(upstream)].map((one) => `${one}>${name}`));
            expect(lines.map(({ from, to }) => `${from}>${to}`).sort()).toEqual(wanted.sort());
            for (const { from, to, over } of lines) {
                const first = nodes.get(from)?.layer ?? 0;
                expect(over.map(({ layer }) => layer)).toEqual(over.map((_, index) => first + 1 + index));
                expect((nodes.get(to)?.layer ?? 0) - first - 1).toBe(over.length);
            }
        }),
        propertyRuns(200),
    );
});

test('a circle, which no plan has, ends too', () => {
    const { nodes } = layeredLayout([
        { name: 'a', upstream: ['b'] },
        { name: 'b', upstream: ['a'] },
    ]);
    expect(nodes.size).toBe(2);
});
