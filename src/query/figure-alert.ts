import type { Database } from '../sqlite/database.ts';
import { answer, bindParameters } from './answer.ts';
import type { Question } from './question.ts';

/** Where the values of a figure are bad: `-- alert: authorisation_rate_percent < 40`. */
export interface FigureAlert {
    /** As the head says it. */
    readonly text: string;
    readonly column: string;
    readonly operator: '<' | '<=' | '>' | '>=';
    readonly threshold: number;
}

const FORM = /^([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*(-?\d{1,15}(?:\.\d{1,9})?)$/;

/** Undefined if the text is no threshold. */
export function parseAlert(text: string): FigureAlert | undefined {
    const [, column, operator, threshold] = FORM.exec(text.trim()) ?? [];
    return column === undefined || operator === undefined
        ? undefined
        : { text, column, operator: operator as FigureAlert['operator'], threshold: Number(threshold) };
}

export function isCrossed({ operator, threshold }: FigureAlert, value: number): boolean {
    switch (operator) {
        case '<':
            return value < threshold;
        case '<=':
            return value <= threshold;
        case '>':
            return value > threshold;
        case '>=':
            return value >= threshold;
    }
}

/**
 * What is compared with the threshold of a figure, without filters: the value of its one row, or of its last one; null if
 * it is not known.
 */
export function alertValue(database: Database, figure: Question, { column }: FigureAlert): number | null {
    const { columns, rows } = answer(database, figure, bindParameters(figure, new Map()));
    const last = [...rows].at(-1);
    const value = last?.[columns.indexOf(column)];
    return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
}
