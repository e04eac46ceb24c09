/** A line of CSV (RFC 4180) with its line break; null is an empty field, an empty text is `""`. */
export function csvLine(values: readonly unknown[]): string {
    return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: unknown): string {
    if (value === null || value === undefined) {
        return '';
    }
    const text = Buffer.isBuffer(value) ? value.toString('hex') : String(value);
    return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
