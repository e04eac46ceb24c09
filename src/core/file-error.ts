import { EltError, shorten } from './errors.ts';

/**
 * The error of `elt` for an operating system error that occurred while `file` (not a database) was written. Any other
 * error is returned unchanged.
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
