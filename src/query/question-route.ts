import type { EltError } from '../core/errors.ts';
import { headError } from '../project/file-head.ts';

/** Where a question is served over HTTP: `-- route: GET /api/v1/users/{userId}/stats`. */
export interface QuestionRoute {
    /** As the head writes it, without the method: `/api/v1/users/{userId}/stats`. */
    readonly path: string;
    readonly segments: readonly RouteSegment[];
}

/** A fixed word of the path, or a parameter that matches any word. */
type RouteSegment =
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'parameter'; readonly name: string };

/** First words of the server's own paths. */
const TAKEN = ['health', 'metrics', 'openapi.json', 'docs', 'dashboard', 'models', 'assets'];

const PARAMETER = /^\{([A-Za-z][A-Za-z0-9_]*)\}$/;
const WORD = /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/;
const FORMAT_SUFFIX = /\.(?:json|csv|ndjson)$/;

/** @throws EltError SQL_HEADER with the line. */
export function parseRoute(text: string, file: string, line: number): QuestionRoute {
    const [, path] = /^(?:GET[ \t]+)?(\/\S+)$/.exec(text) ?? [];
    if (path === undefined) {
        throw wrong(file, line, `"${text}"; expected "GET /api/v1/orders/{orderId}"`);
    }
    const segments = path
        .slice(1)
        .split('/')
        .map((word): RouteSegment => {
            const name = PARAMETER.exec(word)?.[1];
            if (name === undefined && !WORD.test(word)) {
                throw wrong(
                    file,
                    line,
                    `"${word}" in "${path}"; expected words of A-Z a-z 0-9 . _ ~ - and {parameters}`,
                );
            }
            return name === undefined ? { kind: 'word', text: word } : { kind: 'parameter', name };
        });
    const [first] = segments;
    if (first?.kind !== 'word' || TAKEN.includes(first.text)) {
        throw wrong(file, line, `"${path}"; expected a first word other than ${TAKEN.join(', ')}`);
    }
    if (FORMAT_SUFFIX.test(path)) {
        throw wrong(file, line, `"${path}"; expected no suffix: the client adds .csv, .ndjson or .json`);
    }
    return { path, segments };
}

/** Equal for two routes that match the same requests: the names of parameters do not matter. */
export function routeShape({ segments }: QuestionRoute): string {
    return segments.map((segment) => (segment.kind === 'word' ? `/${segment.text}` : '/{}')).join('');
}

/** Names of the parameters in the path, in order. */
export function routeParameters({ segments }: QuestionRoute): readonly string[] {
    return segments.flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : []));
}

function wrong(file: string, line: number, found: string): EltError {
    return headError(file, line, {
        message: `the head of "${file}" has a route that cannot be served`,
        found,
        next: 'correct the line',
    });
}
