/**
 * Whether `If-None-Match` names the tag: alone, in a list, as weak, or by `*`. A proxy that compresses an answer makes
 * its tag a weak one. Source: RFC 9110, section 13.1.2 (the comparison is weak).
 */
export function isNoneMatch(header: string | undefined, tag: string): boolean {
    return (
        header !== undefined &&
        (header.trim() === '*' || (header.match(TAG) ?? []).some((one) => opaque(one) === opaque(tag)))
    );
}

/** A comma may stand within the quotes. */
const TAG = /(?:W\/)?"[^"]*"/g;

function opaque(tag: string): string {
    return tag.replace(/^W\//, '');
}
