const WIDTH = 100;
const HEIGHT = 24;

/** A line without axes; null if there are too few values for one. */
export function sparkline(values: readonly number[]): SVGSVGElement | null {
    if (values.length < 3) {
        return null;
    }
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const span = most - least || 1;
    const points = values.map((value, index) => {
        const x = (index / (values.length - 1)) * WIDTH;
        const y = HEIGHT - 2 - ((value - least) / span) * (HEIGHT - 4);
        return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('class', 'sparkline');
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(space, 'polyline');
    line.setAttribute('points', points.join(' '));
    svg.append(line);
    return svg;
}
