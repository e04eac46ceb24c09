/** Where the system decides about colours, lines are told apart by their dashes. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 4], [12, 6]];

/** The dashes of the line at that place, in pixels; empty: it has none. */
export function dashesOf(index: number): readonly number[] {
    return DASHES[index % DASHES.length] ?? [];
}

/** A piece of that line, for the legend. */
export function dashSample(index: number): SVGSVGElement {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('class', 'dash-sample');
    svg.setAttribute('viewBox', '0 0 32 4');
    const line = document.createElementNS(space, 'line');
    for (const [name, value] of Object.entries({ x1: '0', x2: '32', y1: '2', y2: '2' })) {
        line.setAttribute(name, value);
    }
    line.setAttribute('stroke-dasharray', dashesOf(index).join(' '));
    svg.append(line);
    return svg;
}
