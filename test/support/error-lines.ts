import { expect } from 'vitest';
import type { Ran } from './elt.ts';

export interface ExpectedError {
    readonly status: number;
    readonly code: string;
    /** Words of the message or of what was found. */
    readonly says: string;
    /** Lines that this error has beside its message: where, found, state, next, cause. */
    readonly has: readonly ('where' | 'found' | 'state' | 'next' | 'cause')[];
}

/** A process that refused as `expected`, with the lines of an error in their order, and without a trace of a crash. */
export function expectError(ran: Ran, { status, code, says, has }: ExpectedError): void {
    expect([ran.status, ran.signal], ran.stderr).toEqual([status, null]);
    const text = ran.stderr.slice(ran.stderr.indexOf('error '));
    expect(text).toMatch(new RegExp(`^error ${code}: `));
    expect(text).toContain(says);
    const labels = [...text.matchAll(/^ {2}(where|found|state|next|cause):/gm)].map((match) => match[1]);
    expect(labels).toEqual(['where', 'found', 'state', 'next', 'cause'].filter((one) => labels.includes(one)));
    expect(labels).toEqual(expect.arrayContaining([...has]));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not see any
    expect(ran.stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f]|\n {4}at /);
}
