import { type QuestionRoute, routeParameters } from '../../query/question-route.ts';

const FORMATS = ['json', 'csv', 'ndjson'];

/** The address of a question with these values; names that begin with `_` are not parameters. */
export function questionAddress(route: QuestionRoute, values: ReadonlyMap<string, string>, format: string): string {
    const inPath = routeParameters(route);
    const path = route.segments
        .map((segment) => (segment.kind === 'word' ? segment.text : encodeURIComponent(values.get(segment.name) ?? '')))
        .join('/')
        // The end of a value must not be read as a suffix.
        .replace(/\.(?=(?:json|csv|ndjson)$)/, '%2E');
    const query = [...values]
        .filter(([name, value]) => value !== '' && !inPath.includes(name) && !name.startsWith('_'))
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    const suffix = FORMATS.includes(format) ? `.${format}` : '';
    return `/${path}${suffix}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}
