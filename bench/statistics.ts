/** The middle value; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
    const sorted = [...values].sort((left, right) => left - right);
    const middle = sorted.length >> 1;
    const upper = sorted[middle] ?? Number.NaN;
    return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Half the distance between the largest and the smallest value, as a share of the median. */
export function spread(values: readonly number[]): number {
    return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}
