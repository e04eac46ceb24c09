/** A line of CSV (RFC 4180) with its line break; null is an empty field, an empty text is `""`. */
export function csvLine(values: readonly unknown[], delimiter = ','): string {
    return `${values.map((value) => csvField(value, delimiter)).join(delimiter)}\r\n`;
}

function csvField(value: unknown, delimiter: string): string {
    if (value === null || value === undefined) {
        return '';
    }
    const text = Buffer.isBuffer(value) ? value.toString('hex') : String(value);
    return text === '' || text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
