/** `text` as it stands inside the quotes of a JSON string, `levels` strings deep. */
export function escapeJson(text: string, levels: number): string {
    let escaped = text;
    for (let level = 0; level < levels; level++) {
        escaped = JSON.stringify(escaped).slice(1, -1);
    }
    return escaped;
}

/**
 * A function that renders a jsonb column (a JSON string holding JSON) from `jsonb`, whose holes are written `¤`.
 * The text between the holes is escaped once, here; what goes into a hole must be escaped by the caller, as deep as
 * the hole lies. That is what makes the generator fast: nothing that repeats is ever escaped again.
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
