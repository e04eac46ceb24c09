import type { HeaderKey } from '../project/file-head.ts';

/** How a figure is drawn. */
const CHARTS = ['number', 'line', 'bar', 'table'] as const;

export type FigureChart = (typeof CHARTS)[number];

/** How much of the page's width a figure takes where the screen has room. */
const FIGURE_WIDTHS = ['third', 'half', 'two-thirds', 'full'] as const;

export type FigureWidth = (typeof FIGURE_WIDTHS)[number];

/** The keys that the head of a figure may hold beside those of a question. */
export const FIGURE_KEYS: readonly HeaderKey[] = [
    { name: 'title' },
    { name: 'chart', values: CHARTS },
    { name: 'unit' },
    { name: 'series' },
    { name: 'width', values: FIGURE_WIDTHS },
    { name: 'empty' },
    { name: 'alert' },
    { name: 'grain', values: ['sum'] },
];

/** The key that the head of the question for its rows may hold besides: `amount minor units`. */
export const ROWS_KEYS: readonly HeaderKey[] = [{ name: 'unit', repeatable: true }];
