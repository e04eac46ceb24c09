import type { BarSeriesOption, EChartsOption, LineSeriesOption } from 'echarts';
import type { Colours } from './colours.ts';
import { dashesOf } from './dashes.ts';
import { dayAndYearText, dayText, formatTick, formatValue, nameText, shortened, tickStep } from './format.ts';
import type { Plot, Series } from './plot.ts';

export interface Look {
    readonly colours: Colours;
    readonly font: string;
    readonly widthPx: number;
    readonly isAnimated: boolean;
    /** High contrast: the system's colours. */
    readonly isForced: boolean;
    /** The place of a day, week or month that may not be over; -1: none. */
    readonly openAt: number;
    /** Where the values are bad; null: that is not said. */
    readonly threshold: number | null;
}

/** How a plot is drawn: bars over names are horizontal, so that the names can be read; bars over days are vertical. */
export type Drawing = 'line' | 'lying bars' | 'standing bars';

/** Lines with at most this many values have a mark at each value. */
const MARKS_MAX = 60;
/** The approximate width of a character of a label. */
const CHARACTER_PX = 6.6;
/** Below standing bars. */
const NAME_CHARACTERS_MAX = 24;

export function drawingOf(chart: 'line' | 'bar', plot: Plot): Drawing {
    // A line with one point would be invisible.
    if (chart === 'line' && plot.categories.length > 1) {
        return 'line';
    }
    return plot.isOverDays ? 'standing bars' : 'lying bars';
}

/** The options of ECharts for a plot. Source: https://echarts.apache.org/en/option.html */
export function chartOption(plot: Plot, drawing: Drawing, isStacked: boolean, look: Look): EChartsOption {
    const open = plot.categories.length - 1 === look.openAt ? look.openAt : -1;
    const { colours, font } = look;
    const isLying = drawing === 'lying bars';
    const greatest = Math.max(
        0,
        look.threshold ?? 0,
        ...plot.series.flatMap(({ values: all }) => all.map((value) => value ?? 0)),
    );
    const step = tickStep(greatest, plot.kind);
    const hasValuesBeside = isLying && plot.series.length === 1;
    const names = {
        type: 'category' as const,
        data: [...plot.categories],
        inverse: isLying,
        boundaryGap: drawing !== 'line',
        axisLine: { show: !isLying, lineStyle: { color: colours.line } },
        axisTick: { show: false },
        axisLabel: isLying ? lyingLabel(plot, look) : dayLabel(plot, colours),
    };
    const values = {
        type: 'value' as const,
        show: !hasValuesBeside,
        splitNumber: look.widthPx < 420 ? 3 : 4,
        ...(step === undefined ? {} : { interval: step, max: Math.ceil(greatest / step) * step }),
        axisLabel: {
            color: colours.muted,
            hideOverlap: true,
            formatter: (value: number) => formatTick(value, plot.kind),
        },
        splitLine: { lineStyle: { color: colours.line } },
    };
    return {
        animation: look.isAnimated,
        animationDuration: 350,
        animationDurationUpdate: 350,
        textStyle: { fontFamily: font, fontSize: 12 },
        // Room for the values beside the bars.
        grid: {
            left: 2,
            right: hasValuesBeside ? besidePx(plot) : 12,
            top: isLying ? 2 : 12,
            bottom: 6,
            outerBoundsMode: 'same',
            outerBoundsContain: 'axisLabel',
        },
        tooltip: tooltip(plot, look, isLying),
        xAxis: isLying ? values : names,
        yAxis: isLying ? names : values,
        series: [
            ...plot.series.map((series, index) => {
                const colour = colours.series[index % colours.series.length] ?? colours.text;
                return drawing === 'line'
                    ? line(series, colour, plot, look.isForced ? dashesOf(index) : [], open)
                    : bars(series, colour, { isLying, isStacked, hasValuesBeside, colours, beside: plot.beside, open });
            }),
            ...openMarks(plot, drawing, open, colours),
            ...thresholdLine(plot, drawing, look),
        ],
    };
}

/** Where the values are bad: a line across the chart, which is none of its series. */
function thresholdLine({ categories }: Plot, drawing: Drawing, { threshold, colours }: Look): LineSeriesOption[] {
    if (threshold === null || drawing === 'lying bars') {
        return [];
    }
    return [
        {
            type: 'line',
            name: 'alert',
            silent: true,
            tooltip: { show: false },
            data: categories.map(() => threshold),
            showSymbol: false,
            // Its values keep the threshold within the axis; the line itself also crosses a chart of a single day.
            lineStyle: { opacity: 0 },
            markLine: {
                silent: true,
                symbol: 'none',
                label: { show: false },
                animation: false,
                lineStyle: { width: 1.5, color: colours.bad, type: 'dashed' },
                data: [{ yAxis: threshold }],
            },
            z: 1,
        },
    ];
}

/** Lines of many values have no marks but one: that of the day, week or month that may not be over. */
function openMarks(plot: Plot, drawing: Drawing, open: number, { series: colours }: Colours): LineSeriesOption[] {
    if (drawing !== 'line' || open === -1 || plot.categories.length <= MARKS_MAX) {
        return [];
    }
    return plot.series.map((series, index) => ({
        type: 'line',
        name: 'open',
        silent: true,
        tooltip: { show: false },
        data: series.values.map((value, place) => (place === open ? value : null)),
        symbol: 'emptyCircle',
        symbolSize: 9,
        showAllSymbol: true,
        itemStyle: { color: colours[index % colours.length] ?? '' },
    }));
}

/** The width that the longest value beside a bar needs. */
function besidePx({ series, beside }: Plot): number {
    const texts = series.flatMap(({ values, kind }) =>
        values.map((value, place) => besideText(formatValue(value, kind), beside?.[place]).length),
    );
    return Math.round(Math.max(0, ...texts) * CHARACTER_PX) + 16;
}

function besideText(value: string, more: string | undefined): string {
    return more === undefined || more === '' ? value : `${value} · ${more}`;
}

/** The values, the last of which may not be all: it is drawn with an empty mark, or paler. */
function lineData({ values }: Series, open: number): NonNullable<LineSeriesOption['data']> {
    return values.map((value, place) =>
        place === open && value !== null ? { value, symbol: 'emptyCircle', symbolSize: 9 } : value,
    );
}

function line(series: Series, colour: string, plot: Plot, dashes: readonly number[], open: number): LineSeriesOption {
    return {
        type: 'line',
        name: series.name,
        data: lineData(series, open),
        tooltip: { valueFormatter: (value) => formatValue(value, series.kind) },
        connectNulls: true,
        showSymbol: plot.categories.length <= MARKS_MAX,
        symbol: 'circle',
        symbolSize: 6,
        lineStyle: { width: 2, color: colour, type: dashes.length === 0 ? 'solid' : [...dashes] },
        itemStyle: { color: colour },
        ...(plot.series.length === 1 ? { areaStyle: { color: colour, opacity: 0.1 } } : {}),
        emphasis: { scale: 1.8, lineStyle: { width: 2 } },
    };
}

interface BarLook {
    readonly isLying: boolean;
    readonly isStacked: boolean;
    readonly hasValuesBeside: boolean;
    readonly colours: Colours;
    readonly beside: Plot['beside'];
    readonly open: number;
}

function bars(series: Series, colour: string, look: BarLook): BarSeriesOption {
    const { isLying, isStacked, hasValuesBeside, colours, beside, open } = look;
    const round = isLying ? [0, 3, 3, 0] : [3, 3, 0, 0];
    return {
        type: 'bar',
        name: series.name,
        data: series.values.map((value, place) =>
            place === open && value !== null ? { value, itemStyle: { opacity: 0.5 } } : value,
        ) as NonNullable<BarSeriesOption['data']>,
        tooltip: { valueFormatter: (value) => formatValue(value, series.kind) },
        barMaxWidth: isLying ? 20 : 36,
        barMinHeight: 1,
        cursor: 'pointer',
        ...(isStacked ? { stack: 'all' } : {}),
        itemStyle: { color: colour, borderRadius: isStacked ? 1 : round, borderColor: colours.card },
        emphasis: { itemStyle: { opacity: 0.8 } },
        label: {
            show: hasValuesBeside,
            position: 'right',
            color: colours.text,
            formatter: ({ value, dataIndex }) => besideText(formatValue(value, series.kind), beside?.[dataIndex]),
        },
    };
}

function tooltip(plot: Plot, { colours, font }: Look, isLying: boolean): NonNullable<EChartsOption['tooltip']> {
    return {
        trigger: 'axis',
        // Drawn in the chart: the page's policy allows no inline styles.
        renderMode: 'richText',
        confine: true,
        backgroundColor: colours.card,
        borderColor: colours.line,
        padding: [8, 10],
        textStyle: { color: colours.text, fontSize: 12, fontFamily: font },
        axisPointer: { type: isLying || !plot.isOverDays ? 'none' : 'line', lineStyle: { color: colours.muted } },
    };
}

/** Names beside horizontal bars: long ones are wrapped, short ones take only the width that they need. */
function lyingLabel({ categories }: Plot, { colours, widthPx }: Look): object {
    const most = Math.min(190, Math.max(80, Math.round(widthPx * 0.38)));
    const longest = Math.max(0, ...categories.map((name) => nameText(name).length)) * CHARACTER_PX;
    const broken = longest > most ? { width: most, overflow: 'break' } : {};
    // Two lines; the tooltip and the table have the whole name.
    const formatter = (name: string): string => shortened(name, Math.floor((2 * most) / CHARACTER_PX) - 2);
    return { color: colours.text, lineHeight: 14, margin: 10, formatter, ...broken };
}

function dayLabel({ isOverDays, categories }: Plot, colours: Colours): object {
    // The first day says its year, and the first day of each further year.
    const written = (day: string, index: number): string =>
        categories[index - 1]?.slice(0, 4) === day.slice(0, 4) ? dayText(day) : dayAndYearText(day);
    return {
        color: colours.muted,
        hideOverlap: true,
        margin: 10,
        formatter: isOverDays ? written : (name: string) => shortened(name, NAME_CHARACTERS_MAX),
    };
}
