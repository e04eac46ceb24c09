import { EltError } from '../../core/errors.ts';

/**
 * The names of a CSV source's header, as its parser gave them: undefined where the quotes do not fit.
 * @throws EltError SOURCE_HEADER
 */
export function checkedHeader(
    names: readonly string[] | undefined,
    required: readonly string[],
    source: string,
): readonly string[] {
    if (names === undefined) {
        throw headerError('unbalanced quotes', 'a line of names', source);
    }
    const seen = new Set<string>();
    const twice = names.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) {
        throw headerError(`"${twice}" twice`, 'each name once', source);
    }
    const missing = required.filter((name) => !seen.has(name));
    if (missing.length > 0) {
        throw headerError(quoted(names), `also ${quoted(missing)}`, source);
    }
    return names;
}

/** A blank at the end of a name is seen only in quotes. */
function quoted(names: readonly string[]): string {
    return names.map((name) => `"${name}"`).join(', ');
}

export function headerError(found: string, expected: string, source: string): EltError {
    return new EltError({
        code: 'SOURCE_HEADER',
        message: `the header of "${source}" does not match its table`,
        where: `${source}:1`,
        found: `${found}; expected ${expected}`,
        state: 'nothing of it was landed',
        next: 'correct the header, or the declaration in sql/<pipeline>/sources/',
    });
}
