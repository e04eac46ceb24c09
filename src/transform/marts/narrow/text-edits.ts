/** Changes of a text by position: what is not named stays as a person wrote it. */
export class TextEdits {
    readonly #edits: { readonly start: number; readonly end: number; readonly text: string }[] = [];

    insert(at: number, text: string): void {
        this.#edits.push({ start: at, end: at, text });
    }

    replace(start: number, end: number, text: string): void {
        this.#edits.push({ start, end, text });
    }

    /** The part of the text from `start` to `end` with the changes inside it. */
    applied(text: string, start: number, end: number): string {
        const inside = this.#edits
            .map((edit, order) => ({ ...edit, order }))
            .filter((edit) => edit.start >= start && edit.end <= end)
            .sort((left, right) => left.start - right.start || left.order - right.order);
        let result = '';
        let at = start;
        for (const edit of inside) {
            result += text.slice(at, edit.start) + edit.text;
            at = Math.max(at, edit.end);
        }
        return result + text.slice(at, end);
    }
}
