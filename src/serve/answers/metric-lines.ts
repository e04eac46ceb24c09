/** What comes before the values of a metric. */
export function head(name: string, type: string, help: string): readonly string[] {
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

/** The value of a label. */
export function escaped(text: string): string {
    return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
