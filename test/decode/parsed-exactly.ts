/** A number as it stands in the source. */
export class NumberSource {
    readonly source: string;

    constructor(source: string) {
        this.source = source;
    }
}

type Reviver = (key: string, value: unknown, context: { source: string }) => unknown;

/** JSON.parse, with numbers as their source. */
export function parsedExactly(text: string): unknown {
    const reviver: Reviver = (_, value, { source }) => (typeof value === 'number' ? new NumberSource(source) : value);
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}
