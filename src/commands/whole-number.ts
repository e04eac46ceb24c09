import { EltError } from '../core/errors.ts';

const DIGITS_MAX = 15;

/** A whole number from the command line, within bounds; `what` names it. @throws EltError COMMAND_WRONG */
export function wholeNumber(value: unknown, what: string, from = 0, to = 10 ** DIGITS_MAX - 1): number {
    const text = String(value);
    const number = /^\d+$/.test(text) && text.length <= DIGITS_MAX ? Number(text) : Number.NaN;
    if (!(number >= from && number <= to)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `${what} cannot be "${text}"`,
            found: `expected a whole number from ${from} to ${to}`,
            next: `correct ${what}`,
        });
    }
    return number;
}
