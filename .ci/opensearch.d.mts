/** Where the jars are, or will be. */
export function openSearchJars(): string;
/** Null: it is there now; else why it is not. */
export function bringOpenSearch(): string | null;
