import { grouped } from './report.ts';

/** One line of a plot. */
export interface Series {
    readonly name: string;
    readonly points: readonly { readonly x: number; readonly y: number }[];
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 60;
const RIGHT = 130;
const TOP = 36;
const BOTTOM = 48;
const COLOURS = ['#1f6feb', '#2da44e', '#bf8700', '#8250df'];

/** An SVG with a logarithmic x axis and a y axis from zero: what is flat looks flat. */
export function linePlot(title: string, xLabel: string, yLabel: string, series: readonly Series[]): string {
    const xs = series.flatMap((one) => one.points.map((point) => point.x));
    const [from, to] = [Math.log10(Math.min(...xs)), Math.log10(Math.max(...xs))];
    const top = niceTop(Math.max(...series.flatMap((one) => one.points.map((point) => point.y))));
    const x = (value: number): number =>
        LEFT + ((Math.log10(value) - from) / (to - from || 1)) * (WIDTH - LEFT - RIGHT);
    const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
    const text = (at: number, down: number, words: string, rest = ''): string =>
        `<text x="${at.toFixed(1)}" y="${down.toFixed(1)}" ${rest}>${words}</text>`;
    const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
        const level = y(share * top);
        return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${level}" y2="${level}" stroke="#d0d7de"/>
${text(LEFT - 6, level + 4, (share * top).toPrecision(2), 'text-anchor="end"')}`;
    });
    const ticks = [...new Set(xs)].map((value) =>
        text(x(value), HEIGHT - BOTTOM + 18, grouped(value), 'text-anchor="middle"'),
    );
    const lines = series.map(({ name, points }, index) => {
        const colour = COLOURS[index % COLOURS.length];
        const path = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ');
        const dots = points.map((point) => `<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3" fill="${colour}"/>`);
        const last = points.at(-1) ?? { x: 1, y: 0 };
        return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}
${text(x(last.x) + 8, y(last.y) + 4, name, `fill="${colour}"`)}`;
    });
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="white"/>
${text(LEFT, 20, title, 'font-size="14" font-weight="bold"')}
${[...grid, ...ticks, ...lines].join('\n')}
${text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, xLabel, 'text-anchor="middle"')}
${text(14, TOP - 6, yLabel)}
</svg>
`;
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function niceTop(value: number): number {
    const power = 10 ** Math.floor(Math.log10(value));
    return (([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) as number) * power;
}
