import type { BodyFormat } from '../readers/reader-wire.ts';
import { HttpError } from './http-error.ts';

/** The parts of a request's address. */
interface RequestTarget {
    /** Words of the path, decoded; without a suffix. */
    readonly words: readonly string[];
    /** `.csv` after the path; null: `Accept` decides. */
    readonly suffix: Exclude<BodyFormat, 'table'> | null;
    /** Parameters after the question mark; one without a value counts as not given. */
    readonly given: ReadonlyMap<string, string>;
}

const ADDRESS_BYTES_MAX = 8_000;
const SUFFIX = /\.(json|csv|ndjson)$/;

/**
 * Reads an address. The suffix is read before decoding: a value that itself ends in `.csv` is written `%2Ecsv`.
 * @throws HttpError REQUEST_WRONG, REQUEST_TOO_LARGE.
 */
export function readTarget(address: string): RequestTarget {
    if (address.length > ADDRESS_BYTES_MAX) {
        throw new HttpError('REQUEST_TOO_LARGE', `an address may have ${ADDRESS_BYTES_MAX} bytes`);
    }
    const at = address.indexOf('?');
    const path = at < 0 ? address : address.slice(0, at);
    const suffix = (SUFFIX.exec(path)?.[1] ?? null) as RequestTarget['suffix'];
    const bare = suffix === null ? path : path.slice(0, -suffix.length - 1);
    return {
        words: bare.slice(1).split('/').map(decoded),
        suffix,
        given: at < 0 ? new Map() : readQueryString(address.slice(at + 1)),
    };
}

function readQueryString(text: string): ReadonlyMap<string, string> {
    const given = new Map<string, string>();
    for (const part of text.split('&')) {
        const at = part.indexOf('=');
        const name = decoded((at < 0 ? part : part.slice(0, at)).replaceAll('+', ' '));
        const value = at < 0 ? '' : decoded(part.slice(at + 1).replaceAll('+', ' '));
        if (given.has(name)) {
            throw new HttpError('REQUEST_WRONG', `${name} is given twice`);
        }
        if (name !== '') {
            given.set(name, value);
        }
    }
    return given;
}

function decoded(text: string): string {
    try {
        return text.includes('%') ? decodeURIComponent(text) : text;
    } catch {
        throw new HttpError('REQUEST_WRONG', 'the address cannot be decoded', {
            found: 'expected UTF-8 after each "%"',
        });
    }
}
