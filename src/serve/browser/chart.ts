import type { ECharts } from 'echarts';
import { chartLibrary } from './chart-library.ts';
import { chartOption, type Drawing, drawingOf } from './chart-option.ts';
import { readColours } from './colours.ts';
import { dashSample } from './dashes.ts';
import { announce, make } from './dom.ts';
import type { FigureData, Followed } from './fetch-figures.ts';
import { formatValue } from './format.ts';
import { atGrain, endOf, type Grain, grainOf, startOf } from './grain.ts';
import { type Plot, plotOf } from './plot.ts';
import { leftOutText, summaryOf } from './summary.ts';
import { thresholdText } from './threshold.ts';

const ROW_PX = 30;
const HEIGHT_PX_MAX = 380;

/** A drawn figure: its box, its legend, and its mouse and keyboard handling. It lives as long as its page. */
export class Chart {
    readonly element: HTMLElement;
    readonly #box: HTMLElement;
    readonly #legend: HTMLElement;
    readonly #observer = new ResizeObserver(() => this.#resize());
    readonly #follow: (value: Followed) => void;
    readonly #zoom: (from: string, to: string) => void;
    /** The last day for which there is data: it may not be over. */
    #lastDay: string | null = null;
    #grain: Grain = 'day';
    #drawn: ECharts | undefined;
    #figure: FigureData;
    #plot: Plot;
    /** The value that the arrow keys have selected: its category and series. */
    #at = { category: -1, series: 0 };

    constructor(figure: FigureData, follow: (value: Followed) => void, zoom: (from: string, to: string) => void) {
        this.#zoom = zoom;
        this.#figure = figure;
        this.#plot = plotOf(figure);
        this.#follow = follow;
        this.#legend = make('ul', { class: 'legend', 'aria-hidden': 'true' });
        this.#box = make('div', { class: 'chart', tabindex: 0, role: 'application' });
        this.element = make('div', { class: 'chart-part' }, this.#legend, this.#box);
        this.#box.addEventListener('keydown', (event) => this.#pressed(event));
        this.#box.addEventListener('blur', () => this.#leave());
        this.#observer.observe(this.#box);
    }

    /** Draws new elements; existing ones are moved, not redrawn. */
    async show(figure: FigureData, lastDay: string | null): Promise<void> {
        this.#grain = grainOf(figure);
        this.#lastDay = lastDay;
        this.#figure = figure;
        this.#plot = plotOf(atGrain(figure, this.#grain), this.#grain);
        this.#describe();
        const library = await chartLibrary();
        if (this.#drawn === undefined) {
            this.#drawn = library.init(this.#box, null, { renderer: 'svg' });
            this.#drawn.getZr().on('click', ({ offsetX, offsetY }) => this.#clicked(offsetX, offsetY));
        }
        this.draw();
    }

    /** Removes the chart, when something else is shown in its place. */
    dispose(): void {
        this.#observer.disconnect();
        this.#drawn?.dispose();
        this.#drawn = undefined;
    }

    /** Draws again in the colours of the current theme. */
    draw(): void {
        const drawn = this.#drawn;
        const plot = this.#plot;
        const figure = this.#figure;
        if (drawn === undefined) {
            return;
        }
        const look = {
            colours: readColours(),
            font: getComputedStyle(this.#box).fontFamily,
            widthPx: this.#box.clientWidth,
            isForced: areForced(),
            openAt: this.#openAt(),
            threshold: this.#grain === 'day' ? (figure.alert?.threshold ?? null) : null,
            isAnimated: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        };
        const drawing = this.#drawing();
        const isStacked = figure.series !== null && figure.chart === 'bar';
        drawn.setOption(chartOption(plot, drawing, isStacked, look), {
            replaceMerge: ['series', 'xAxis', 'yAxis'],
        });
        this.#box.dataset.drawn = drawing;
    }

    /** The place of what the last day belongs to. */
    #openAt(): number {
        const { isOverDays, categories } = this.#plot;
        return isOverDays && this.#lastDay !== null ? categories.indexOf(startOf(this.#lastDay, this.#grain)) : -1;
    }

    #drawing(): Drawing {
        return drawingOf(this.#figure.chart === 'line' ? 'line' : 'bar', this.#plot);
    }

    #describe(): void {
        const plot = this.#plot;
        const figure = this.#figure;
        const hint = figure.rows_question === null ? '' : ', Enter shows the rows';
        const label = `${figure.title}. ${summaryOf(figure, plot)} Arrow keys move between values${hint}.`;
        this.#box.setAttribute('aria-label', label);
        this.#box.setAttribute('aria-roledescription', 'chart');
        const isLying = this.#drawing() === 'lying bars';
        const bars = figure.series === null ? plot.categories.length * plot.series.length : plot.categories.length;
        const leastPx = isLying ? Math.max(120, bars * ROW_PX + (plot.series.length > 1 ? 28 : 8)) : 0;
        // A card may be stretched to its neighbour's height; its chart has a maximum height.
        this.#box.style.minHeight = isLying ? `${leastPx}px` : '';
        this.#box.style.maxHeight = `${Math.max(HEIGHT_PX_MAX, leastPx)}px`;
        // A single series needs its name too if there can be several: the currency, for example.
        this.#legend.hidden = plot.series.length < 2 && figure.series === null;
        const areDashed = areForced() && this.#drawing() === 'line';
        this.#legend.replaceChildren(
            ...plot.series.map(({ name }, index) =>
                make(
                    'li',
                    {},
                    make('span', { class: `swatch series-${(index % 7) + 1}` }),
                    ...(areDashed ? [dashSample(index)] : []),
                    name,
                ),
            ),
        );
    }

    /** What is said below the chart: what is left out, what a point stands for, whether the last one is whole. */
    get notes(): readonly string[] {
        const isOpen = this.#openAt() !== -1 && this.#openAt() === this.#plot.categories.length - 1;
        const grain = this.#grain;
        return [
            leftOutText(this.#plot),
            ...(grain === 'day' ? [] : [`By ${grain}; one of them shows its days`]),
            ...(this.#figure.alert === null || grain !== 'day'
                ? []
                : [`Dashed: alert ${thresholdText(this.#figure.alert, this.#figure.unit)}`]),
            ...(isOpen ? [`The last ${grain} may not be complete`] : []),
        ].filter((part) => part !== '');
    }

    #resize(): void {
        if (this.#drawn !== undefined && this.#box.clientWidth > 0) {
            this.#drawn.resize({ animation: { duration: 0 } });
        }
    }

    /** A click anywhere in the plot selects the nearest value: small marks are hard to hit. */
    #clicked(x: number, y: number): void {
        const drawn = this.#drawn;
        const plot = this.#plot;
        if (drawn === undefined || !drawn.containPixel('grid', [x, y])) {
            return;
        }
        const isLying = this.#drawing() === 'lying bars';
        const places = drawn.convertFromPixel({ gridIndex: 0 }, [x, y]);
        const category = Math.round(places[isLying ? 1 : 0] ?? -1);
        const value = places[isLying ? 0 : 1] ?? 0;
        this.#open(
            category,
            this.#isStackedBars() ? this.#seriesInStack(category, value) : nearest(plot, category, value),
        );
    }

    #isStackedBars(): boolean {
        return this.#figure.series !== null && this.#figure.chart === 'bar';
    }

    #seriesInStack(category: number, value: number): number {
        let sum = 0;
        const found = this.#plot.series.findIndex(({ values }) => {
            sum += values[category] ?? 0;
            return (values[category] ?? null) !== null && value <= sum;
        });
        return found === -1 ? this.#plot.series.findLastIndex(({ rows }) => (rows[category] ?? -1) >= 0) : found;
    }

    #open(category: number, series: number): void {
        const start = this.#plot.categories[category];
        if (this.#grain !== 'day' && start !== undefined) {
            this.#zoom(start, endOf(start, this.#grain));
            return;
        }
        const { rows, column } = this.#plot.series[series] ?? { rows: [], column: null };
        const row = rows[category] ?? -1;
        if (row >= 0 && this.#figure.rows_question !== null) {
            this.#follow({ row, column });
        }
    }

    #pressed(event: KeyboardEvent): void {
        const plot = this.#plot;
        const at = this.#at;
        const isLying = this.#drawing() === 'lying bars';
        const [back, on, up, down] = isLying
            ? ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']
            : ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
        const last = plot.categories.length - 1;
        const moves: Record<string, () => void> = {
            [back as string]: () => this.#move(at.category - 1, at.series, -1),
            [on as string]: () => this.#move(at.category + 1, at.series, 1),
            [up as string]: () => this.#move(Math.max(0, at.category), at.series - 1, 1),
            [down as string]: () => this.#move(Math.max(0, at.category), at.series + 1, 1),
            Home: () => this.#move(0, at.series, 1),
            End: () => this.#move(last, at.series, -1),
            Enter: () => this.#open(at.category, at.series),
            Escape: () => this.#leave(),
        };
        const move = moves[event.key];
        if (move !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
            event.preventDefault();
            move();
        }
    }

    /** Selects a value, skipping missing ones. */
    #move(category: number, series: number, step: 1 | -1): void {
        const plot = this.#plot;
        const line = plot.series[series];
        let place = category;
        while (line !== undefined && place >= 0 && place < plot.categories.length && line.values[place] === null) {
            place += step;
        }
        const value = line?.values[place];
        if (line === undefined || value === undefined) {
            return;
        }
        this.#leave();
        this.#at = { category: place, series };
        this.#drawn?.dispatchAction({ type: 'highlight', seriesIndex: series, dataIndex: place });
        this.#drawn?.dispatchAction({ type: 'showTip', seriesIndex: series, dataIndex: place });
        announce(`${plot.categories[place]}, ${line.name}: ${formatValue(value, line.kind)}`);
    }

    #leave(): void {
        this.#at = { category: -1, series: this.#at.series };
        this.#drawn?.dispatchAction({ type: 'downplay' });
        this.#drawn?.dispatchAction({ type: 'hideTip' });
    }
}

/** High contrast: the system decides about colours. */
function areForced(): boolean {
    return matchMedia('(forced-colors: active)').matches;
}

/** The series whose value is nearest to the click. */
function nearest({ series }: Plot, category: number, value: number): number {
    let best = -1;
    let bestDistance = Number.POSITIVE_INFINITY;
    series.forEach(({ values }, index) => {
        const own = values[category] ?? null;
        if (own !== null && Math.abs(own - value) < bestDistance) {
            best = index;
            bestDistance = Math.abs(own - value);
        }
    });
    return best;
}
