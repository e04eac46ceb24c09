import type { QuestionRoute } from '../../query/question-route.ts';

/** The values of a route's parameters if it matches the path of these words; null if it does not. */
export function matchRoute({ segments }: QuestionRoute, words: readonly string[]): ReadonlyMap<string, string> | null {
    if (segments.length !== words.length) {
        return null;
    }
    for (let index = 0; index < words.length; index++) {
        const segment = segments[index];
        if (segment?.kind === 'word' && segment.text !== words[index]) {
            return null;
        }
    }
    const values = new Map<string, string>();
    segments.forEach((segment, index) => {
        if (segment.kind === 'parameter') {
            values.set(segment.name, words[index] ?? '');
        }
    });
    return values;
}
