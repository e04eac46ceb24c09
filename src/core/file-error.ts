import { EltError, shorten } from './errors.ts';

/**
 * The error of `elt` for a lower error that came while `file`, which is no database, was written: where the operating
 * system refused, that is nobody's mistake in the code. Any other error is given back as it is.
 */
export function fileError(error: unknown, file: string, state: string): unknown {
    const { syscall, code } = (error ?? {}) as { readonly syscall?: unknown; readonly code?: unknown };
    if (typeof syscall !== 'string' || typeof code !== 'string') {
        return error;
    }
    return new EltError({
        code: 'FILE_REFUSED',
        message: `"${shorten(file)}" cannot be written`,
        state,
        next: 'check the permissions, the free space of the disk and the name, then run the same command again',
        cause: shorten(error instanceof Error ? error.message : String(error), 300),
    });
}
