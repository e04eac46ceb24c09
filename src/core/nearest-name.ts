/** `did you mean "orders"?`, if `word` looks like a typing mistake for one of the candidates. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
    const nearest = nearestName(word, candidates);
    return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}

/** The same; if nothing is near, the whole list: `models: current_orders, metrics`. */
export function didYouMeanOrList(word: string, candidates: readonly string[], what: string): string {
    return didYouMean(word, candidates) ?? `${what}: ${candidates.join(', ') || 'none'}`;
}

/** The candidate nearest to `word` by edit distance, if it looks like a typing mistake. */
export function nearestName(word: string, candidates: Iterable<string>): string | undefined {
    let best: string | undefined;
    let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
    for (const candidate of candidates) {
        const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
        if (distance < bestDistance) {
            best = candidate;
            bestDistance = distance;
        }
    }
    return best;
}

function editDistance(left: string, right: string): number {
    let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
    for (let row = 1; row <= left.length; row++) {
        const current = [row];
        for (let column = 1; column <= right.length; column++) {
            const substitution = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
            current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
        }
        previous = current;
    }
    return previous[right.length] ?? 0;
}
