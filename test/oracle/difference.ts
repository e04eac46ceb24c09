/** One value, row or table that is not what it should be. Seed and round are added by the driver. */
export interface Difference {
    readonly table: string;
    readonly key?: string;
    readonly column?: string;
    readonly expected: unknown;
    readonly got: unknown;
    /** Which comparison found it. */
    readonly what: string;
}

export function printDifference(difference: Difference): string {
    const { what, table, key, column, expected, got } = difference;
    const place = [
        `table ${table}`,
        ...(key === undefined ? [] : [`key ${shortened(key)}`]),
        ...(column === undefined ? [] : [`column "${column}"`]),
    ];
    return `${what}: ${place.join(', ')}\n    expected ${shortened(printed(expected))}\n    got      ${shortened(printed(got))}`;
}

function printed(value: unknown): string {
    return value === undefined
        ? 'nothing'
        : (JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? String(value));
}

function shortened(text: string): string {
    return text.length <= 300 ? text : `${text.slice(0, 200)}… (${text.length} characters)`;
}
