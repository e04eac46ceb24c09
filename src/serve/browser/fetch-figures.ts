/** The answer of `GET /dashboard/<pipeline>/data`. */
export interface DashboardData {
    readonly pipeline: string;
    /** Changes when the database does. */
    readonly version: string;
    readonly last_run: { readonly finished_at: string | null };
    readonly parameters: readonly FilterData[];
    readonly figures: readonly FigureData[];
}

/** A value that can be chosen, and what people see of it. */
export interface Choice {
    readonly value: string;
    readonly text: string;
}

export interface FilterData {
    readonly name: string;
    readonly type: 'integer' | 'text' | 'date' | 'uuid';
    readonly default: string | null;
    readonly range: { readonly from: string; readonly to: string } | null;
    readonly value: string | null;
    /** What can be chosen; null if any value may be typed. */
    readonly options: readonly Choice[] | null;
}

/** What is known of a figure without its answer. */
export interface FigureWords {
    readonly name: string;
    readonly title: string;
    readonly why: string | null;
    readonly chart: 'number' | 'line' | 'bar' | 'table';
    readonly width: 'third' | 'half' | 'two-thirds' | 'full';
}

export interface FigureData extends FigureWords {
    readonly row: string | null;
    readonly unit: string | null;
    readonly series: string | null;
    readonly file: string;
    readonly sql: string;
    /** Names of the filters that apply to it. */
    readonly parameters: readonly string[];
    readonly columns: readonly string[];
    readonly rows: readonly (readonly Value[])[];
    /** The question for the rows behind a value, and those of its parameters that are columns of the figure. */
    readonly rows_question: RowsQuestion | null;
    /** What is said where there are no rows. */
    readonly empty: string | null;
    /** Where the values of a column are bad. */
    readonly alert: FigureAlert | null;
    /** Its days may be added up to weeks and months. */
    readonly can_add_days: boolean;
    /** Of a number: the values of as many days before those of the page. */
    readonly before: Before | null;
    readonly error?: FigureError;
}

/** `authorisation_rate_percent < 40`. */
export interface FigureAlert {
    readonly column: string;
    readonly operator: '<' | '<=' | '>' | '>=';
    readonly threshold: number;
}

/** Days, the last one included. */
export interface Period {
    readonly from: string;
    readonly to: string;
}

interface Before extends Period {
    readonly row: readonly Value[];
}

/** Why a figure cannot be shown: a sentence, and more facts. */
export interface FigureError {
    readonly error: string;
    readonly code: string;
    readonly where?: string;
    /** May have several lines: the place in the SQL, with a caret. */
    readonly found?: string;
    readonly next?: string;
    readonly status?: number;
}

/** Whether it may be another one when it is asked again, although nobody has changed anything. */
export function isForNow({ status }: FigureError): boolean {
    return status === 503 || status === 504;
}

export interface RowsQuestion {
    readonly file: string;
    readonly sql: string;
    /** What one row is. */
    readonly row: string | null;
    /** Of its columns, as far as their names do not say them. */
    readonly units: Readonly<Record<string, string>>;
    readonly columns: readonly string[];
    /** Those of its parameters that are filters of the page. */
    readonly filters: readonly string[];
    /** Whether it asks which column's value was followed. */
    readonly takes_column: boolean;
}

/** A value of a figure that is followed to its rows: its row, and its column where that says more than the row. */
export interface Followed {
    readonly row: number;
    readonly column: string | null;
}

/** A whole number that a double cannot represent is a bigint. */
export type Value = string | number | bigint | null;

/** Parses JSON with exact whole numbers, if the browser provides the source text of numbers. */
export function parseExactly(text: string): unknown {
    const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
        const source = context?.source ?? '';
        const isLost = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
        return isLost && /^-?\d+$/.test(source) ? BigInt(source) : value;
    };
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** @throws Error with the server's message. */
export async function fetchJson<T>(address: string, signal?: AbortSignal): Promise<T> {
    const response = await fetch(address, {
        headers: { accept: 'application/json' },
        ...(signal === undefined ? {} : { signal }),
    });
    const text = await response.text();
    if (response.ok) {
        return parseExactly(text) as T;
    }
    throw refusalOf(response.status, text);
}

export function refusalOf(status: number, text: string): Error {
    return new Error(errorOf(text) ?? `the server answered ${status}`);
}

function errorOf(text: string): string | undefined {
    try {
        const { error } = JSON.parse(text) as { readonly error?: unknown };
        return typeof error === 'string' ? error : undefined;
    } catch {
        return undefined;
    }
}
