/** The JSON of an object for each row of a table, whose keys are quoted once. */
export function objectWriter(columns: readonly string[]): (row: readonly unknown[]) => string {
    const keys = columns.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
    return (row) => {
        let text = keys.length === 0 ? '{' : '';
        for (let index = 0; index < keys.length; index++) {
            text += (keys[index] as string) + jsonText(row[index]);
        }
        return `${text}}`;
    };
}

/** Integers keep all their digits; bytes are hexadecimal, as in CSV; an infinity, which JSON does not have, is text. */
export function jsonText(value: unknown): string {
    switch (typeof value) {
        case 'bigint':
            return String(value);
        case 'number':
            return Number.isFinite(value) ? String(value) : `"${value}"`;
        case 'string':
            return JSON.stringify(value);
        default:
            return Buffer.isBuffer(value) ? `"${value.toString('hex')}"` : 'null';
    }
}
