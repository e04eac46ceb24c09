/** How many columns of an answer are shown: all but the last ones whose names begin with `_`, which only order pages. */
export function shownColumns(names: readonly string[]): number {
    return names.findLastIndex((name) => !name.startsWith('_')) + 1;
}

/**
 * A name that two columns of an answer have: in an object of JSON one of them would replace the other. SQLite calls the
 * second `a` of a subquery, as the SELECT of a page is one, `a:1`.
 */
export function columnTwice(names: readonly string[]): string | undefined {
    return names
        .map((name) => /^(.+):\d+$/.exec(name)?.[1] ?? name)
        .find((name, index) => names.indexOf(name) !== -1 && names.indexOf(name) < index);
}

/** What is wrong where two columns have one name. */
export function columnTwiceText(name: string): string {
    return `two of its columns are called "${name}"`;
}
