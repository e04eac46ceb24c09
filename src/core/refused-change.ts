/** A change that its table cannot hold, whatever its values. */
export class RefusedChange extends Error {
    /** A stable word. */
    readonly reason: string;

    constructor(reason: string, detail: string) {
        super(detail);
        this.reason = reason;
    }
}
