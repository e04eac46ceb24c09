import {
    type FigureData,
    type FigureWords,
    type FilterData,
    type Period,
    parseExactly,
    refusalOf,
} from './fetch-figures.ts';
import type { SourceState } from './source-text.ts';

/** The first line of a page: what is known without a query. */
export interface PageHead {
    readonly pipeline: string;
    /** Changes when the database does. */
    readonly version: string | null;
    readonly last_run: { readonly finished_at: string | null };
    /** Null: it follows no server. */
    readonly source: SourceState | null;
    readonly parameters: readonly FilterData[];
    readonly figures: readonly FigureWords[];
    /** Filters of the address that were left out. */
    readonly ignored: readonly { readonly name: string; readonly value: string; readonly why: string }[];
}

/** The lines of a page, in the order in which they come. */
export type PageLine =
    | { readonly page: PageHead }
    | { readonly options: { readonly name: string; readonly values: FilterData['options'] } }
    | { readonly period: Period | null }
    | { readonly figure: FigureData }
    | { readonly end: object };

/**
 * Reads a page line by line: its figures come as they are ready.
 * @throws Refusal in the server's words; Error if the answer ends early.
 */
export async function fetchPage(address: string, signal: AbortSignal, take: (line: PageLine) => void): Promise<void> {
    const response = await fetch(address, { headers: { accept: 'application/x-ndjson' }, signal });
    if (!response.ok || response.body === null) {
        throw refusalOf(response.status, await response.text());
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    let isWhole = false;
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const lines = (rest + piece.value).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
            const read = parseExactly(line) as PageLine;
            isWhole ||= 'end' in read;
            take(read);
        }
    }
    if (!isWhole) {
        throw new Error('the answer ended early');
    }
}
