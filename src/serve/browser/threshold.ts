import type { FigureAlert, FigureData, Value } from './fetch-figures.ts';
import { formatValue, kindOf } from './format.ts';

const WORDS = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' } as const;

/** `Alert: below 40 %`, where the value of a column crosses the threshold of its figure; null elsewhere. */
export function crossedText({ alert, unit }: FigureData, column: string, value: Value): string | null {
    if (alert === null || alert.column !== column || value === null || typeof value === 'string') {
        return null;
    }
    return isCrossed(alert, Number(value)) ? `Alert: ${thresholdText(alert, unit)}` : null;
}

/** `below 40 %`. */
export function thresholdText({ column, operator, threshold }: FigureAlert, unit: string | null): string {
    return `${WORDS[operator]} ${formatValue(threshold, kindOf(column, unit))}`;
}

function isCrossed({ operator, threshold }: FigureAlert, value: number): boolean {
    const isEqual = value === threshold && operator.endsWith('=');
    return isEqual || (operator.startsWith('<') ? value < threshold : value > threshold);
}
