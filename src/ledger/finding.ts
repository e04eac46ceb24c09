/** Something that the stream does not contain, recognised by what has landed. */
export interface Finding {
    /** `schema.table`, `schema.table.column`, or `the stream`. */
    readonly subject: string;
    readonly finding: string;
    /** What is unknown for that reason. */
    readonly lost: string;
    /** What to change at the source. */
    readonly fix: string;
}
