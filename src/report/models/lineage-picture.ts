import { shorten } from '../../core/errors.ts';
import { escapeHtml } from '../../core/escape-html.ts';
import type { MapEntry } from '../../transform/lineage/model-map.ts';
import { entryId } from './entry-id.ts';
import { type Layout, layeredLayout, type Place } from './layered-layout.ts';

const BOX = { width: 222, height: 30, gapX: 56, gapY: 10, margin: 4 } as const;
const NAME_CHARACTERS_MAX = 28;

/** A picture of what is made from what, from left to right; each box leads to its entry. `self` is the one it is about. */
export function lineagePicture(entries: readonly MapEntry[], label: string, self?: string): string {
    const layout = layeredLayout(entries);
    const at = pointsOf(layout);
    const width = 2 * BOX.margin + layout.heights.length * (BOX.width + BOX.gapX) - BOX.gapX;
    const height = 2 * BOX.margin + Math.max(...layout.heights) * (BOX.height + BOX.gapY) - BOX.gapY;
    const place = (name: string): Point => at(layout.nodes.get(name) as Place);
    const lines = layout.lines.map(({ from, to, over }) => line(from, to, [place(from), ...over.map(at), place(to)]));
    const boxes = entries.map((entry) => box(entry, place(entry.name), entry.name === self));
    return `<div class="picture" tabindex="0" role="group" aria-label="${escapeHtml(label)}"><svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${lines.join('\n')}
${boxes.join('\n')}
</svg></div>`;
}

/** The left upper corner of a box. */
interface Point {
    readonly x: number;
    readonly y: number;
}

/** A layer with fewer boxes stands in the middle. */
function pointsOf({ heights }: Layout): (place: Place) => Point {
    const tallest = Math.max(...heights);
    const [stepX, stepY] = [BOX.width + BOX.gapX, BOX.height + BOX.gapY];
    return ({ layer, place }) => ({
        x: BOX.margin + layer * stepX,
        y: BOX.margin + ((tallest - (heights[layer] ?? 0)) * stepY) / 2 + place * stepY,
    });
}

/** Curved from layer to layer, straight across those that it passes. */
function line(from: string, to: string, points: readonly Point[]): string {
    const middle = BOX.height / 2;
    const [first, ...others] = points as [Point, ...Point[]];
    let path = `M${first.x + BOX.width} ${first.y + middle}`;
    for (const [index, { x, y }] of others.entries()) {
        const before = points[index] as Point;
        const start = before.x + BOX.width;
        const bend = (x - start) / 2;
        path += `C${start + bend} ${before.y + middle} ${x - bend} ${y + middle} ${x} ${y + middle}`;
        path += index < others.length - 1 ? `H${x + BOX.width}` : '';
    }
    return `<path class="line" data-from="${escapeHtml(from)}" data-to="${escapeHtml(to)}" d="${path}"/>`;
}

function box(entry: MapEntry, { x, y }: Point, isSelf: boolean): string {
    const name = escapeHtml(entry.name);
    const shown = escapeHtml(shorten(entry.name, NAME_CHARACTERS_MAX));
    return `<a class="box ${entry.kind}${isSelf ? ' self' : ''}" href="#${entryId(entry)}" data-name="${name}"><title>${name}</title><rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7"/><text x="${x + 12}" y="${y + BOX.height / 2}">${shown}</text></a>`;
}
