import { csvLine } from '../../core/csv-text.ts';
import { jsonText, objectWriter } from '../../core/json-text.ts';
import type { BodyFormat } from './reader-wire.ts';
import { timestampSeconds } from './timestamp-seconds.ts';

/** How the rows of an answer become text: `first`, then the text of each `row`, separated by `between`, then `last`. */
export interface AnswerRowText {
    readonly first: string;
    readonly between: string;
    readonly row: (row: readonly unknown[]) => string;
    readonly last: string;
}

/** Integers are bigints here. Only `columns` are written; a row may have more values after them. */
export function rowText(
    format: BodyFormat,
    columns: readonly string[],
    cutToSeconds: readonly string[],
): AnswerRowText {
    const cut = columns.map((name) => cutToSeconds.includes(name));
    const isAnyCut = cut.includes(true);
    const written = (row: readonly unknown[]): readonly unknown[] =>
        isAnyCut
            ? row.map((value, index) => (cut[index] && typeof value === 'string' ? timestampSeconds(value) : value))
            : row;
    const objectOf = objectWriter(columns);
    switch (format) {
        case 'json':
            return { first: '[', between: ',\n', row: (row) => objectOf(written(row)), last: ']\n' };
        case 'ndjson':
            return { first: '', between: '', row: (row) => `${objectOf(written(row))}\n`, last: '' };
        case 'csv':
            return {
                first: csvLine(columns),
                between: '',
                row: (row) => csvLine(written(row).slice(0, columns.length)),
                last: '',
            };
        case 'table':
            return {
                first: `{"columns":${JSON.stringify(columns)},"rows":[`,
                // A page reads it as one line of several.
                between: ',',
                row: (row) => `[${written(row).slice(0, columns.length).map(jsonText).join(',')}]`,
                last: ']}',
            };
    }
}
