import type { BodyFormat } from '../readers/reader-wire.ts';
import { HttpError } from './http-error.ts';

export type WireFormat = Exclude<BodyFormat, 'table'>;

export const MEDIA_TYPES: Readonly<Record<WireFormat, string>> = {
    json: 'application/json; charset=utf-8',
    ndjson: 'application/x-ndjson; charset=utf-8',
    csv: 'text/csv; charset=utf-8; header=present',
};

/** Media types that a client may name, and their formats. */
const ACCEPTED: Readonly<Record<string, WireFormat>> = {
    'application/json': 'json',
    'application/*': 'json',
    '*/*': 'json',
    'text/csv': 'csv',
    'text/*': 'csv',
    'application/x-ndjson': 'ndjson',
    'application/jsonl': 'ndjson',
};

/**
 * The format that `Accept` prefers; JSON if there is none. A browser, which prefers HTML, gets JSON.
 * @throws HttpError FORMAT_UNKNOWN.
 */
export function negotiateFormat(accept: string | undefined): WireFormat {
    if (accept === undefined || accept === '' || accept === '*/*') {
        return 'json';
    }
    let best: { readonly format: WireFormat; readonly quality: number } | null = null;
    for (const part of accept.split(',')) {
        const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
        const written = parameters.find((word) => word.startsWith('q='))?.slice(2);
        const quality = written === undefined ? 1 : Number(written);
        const format = ACCEPTED[type];
        if (format !== undefined && quality > (best?.quality ?? 0)) {
            best = { format, quality };
        }
    }
    if (best === null) {
        throw new HttpError('FORMAT_UNKNOWN', 'none of the formats in Accept is available', {
            found: 'formats: application/json, text/csv, application/x-ndjson',
        });
    }
    return best.format;
}
