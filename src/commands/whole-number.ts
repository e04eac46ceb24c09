import { EltError } from '../core/errors.ts';

/** A whole number of at least 0 from the command line; `what` names it. @throws EltError COMMAND_WRONG */
export function wholeNumber(value: unknown, what: string): number {
    const text = String(value);
    if (!/^\d{1,15}$/.test(text)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${text}" is not a whole number`,
            next: `correct ${what}`,
        });
    }
    return Number(text);
}
