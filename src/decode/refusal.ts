/** Why a change or record cannot be decoded. Thrown inside decode/ and turned into a reject; never leaves it. */
export class Refusal extends Error {
    /** A stable word. */
    readonly reason: string;

    constructor(reason: string, detail: string) {
        super(detail);
        this.reason = reason;
    }
}

/** @throws Refusal `lone-surrogate` if `text` is not Unicode. */
export function requireUnicode(text: string, what: string): void {
    if (!text.isWellFormed()) {
        throw new Refusal('lone-surrogate', `${what} contains a lone surrogate, which is not Unicode text`);
    }
}

/** `value` as JSON, shortened for a message. */
export function shown(value: unknown): string {
    const text = JSON.stringify(value) ?? String(value);
    return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
