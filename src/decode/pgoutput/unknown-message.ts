/** The stream says something that protocol 1 does not know: a fault of elt, or of what stands between. */
export class UnknownMessage extends Error {}
