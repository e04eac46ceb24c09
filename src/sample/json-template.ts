/** `text` escaped for the inside of a JSON string, `levels` strings deep. */
export function escapeJson(text: string, levels: number): string {
    let escaped = text;
    for (let level = 0; level < levels; level++) {
        escaped = JSON.stringify(escaped).slice(1, -1);
    }
    return escaped;
}

/**
 * A function that renders a jsonb column (a JSON string holding JSON) from `jsonb`, whose holes are written `¤`.
 * The text between the holes is escaped once, here, which makes the generator fast; the caller escapes the contents of a
 * hole, to the depth of the hole.
 */
export function jsonbTemplate(jsonb: string): (...holes: readonly string[]) => string {
    const pieces = `"${escapeJson(jsonb, 1)}"`.split('¤');
    const head = pieces[0]!;
    return (...holes) => {
        let text = head;
        for (let index = 1; index < pieces.length; index++) {
            text += holes[index - 1]! + pieces[index]!;
        }
        return text;
    };
}
