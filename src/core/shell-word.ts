/** A name as it can be typed after a command. */
export function shellWord(name: string): string {
    return /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
