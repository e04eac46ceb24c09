/** Lines of context around a difference. */
const CONTEXT_LINES = 1;

/** The difference of two texts by lines, `-` removed and `+` added, with a little context; empty if they are equal. */
export function lineDifference(before: string, after: string): readonly string[] {
    const left = before.split('\n');
    const right = after.split('\n');
    const lengths = commonLengths(left, right);
    const marked: string[] = [];
    let row = 0;
    let column = 0;
    while (row < left.length || column < right.length) {
        const down = lengths[row + 1]?.[column] ?? -1;
        const across = lengths[row]?.[column + 1] ?? -1;
        if (row < left.length && column < right.length && left[row] === right[column]) {
            marked.push(`  ${left[row++]}`);
            column++;
        } else if (row < left.length && (column >= right.length || down >= across)) {
            marked.push(`- ${left[row++]}`);
        } else {
            marked.push(`+ ${right[column++]}`);
        }
    }
    return marked.filter((_, index) =>
        marked
            .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
            .some((line) => !line.startsWith('  ')),
    );
}

/** Lengths of the longest common subsequences of the tails; quadratic, for files of a few hundred lines. */
function commonLengths(left: readonly string[], right: readonly string[]): readonly Uint32Array[] {
    const rows = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
    for (let row = left.length - 1; row >= 0; row--) {
        const here = rows[row] as Uint32Array;
        const below = rows[row + 1] as Uint32Array;
        for (let column = right.length - 1; column >= 0; column--) {
            here[column] =
                left[row] === right[column]
                    ? (below[column + 1] ?? 0) + 1
                    : Math.max(below[column] ?? 0, here[column + 1] ?? 0);
        }
    }
    return rows;
}
