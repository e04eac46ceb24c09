/** How many columns of an answer are shown: all but the last ones whose names begin with `_`, which only order pages. */
export function shownColumns(names: readonly string[]): number {
    return names.findLastIndex((name) => !name.startsWith('_')) + 1;
}
