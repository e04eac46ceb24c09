/** A literal of PostgreSQL and DuckDB on one line: what stands in it is not changed where SQL is indented. */
export function escapedText(text: string): string {
    const quoted = text.replaceAll("'", "''");
    return /[\\\n\r]/.test(text)
        ? `E'${quoted.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
        : `'${quoted}'`;
}
