import { EltError } from '../../core/errors.ts';
import { serverError, serverErrorFacts } from '../../postgres/server-error.ts';
import { quoteIdentifier } from '../../postgres/server-quote.ts';
import type { MartShape } from '../mart-shape.ts';
import type { TargetAddress } from '../target-address.ts';

type PostgresAddress = Extract<TargetAddress, { kind: 'postgres' }>;

const STATE = 'the target is as it was before this push';

/** What the server or the connection says, as an error about a target. */
export function postgresTargetError(error: unknown, address: PostgresAddress): EltError {
    if (error instanceof EltError && !error.code.startsWith('SOURCE_')) {
        return error;
    }
    const { code, message } = serverErrorFacts(error);
    const known = serverError(error, address.server, `take rows into "${address.schema}.${address.table}"`);
    const where = address.name;
    if (known.code === 'SOURCE_UNREACHABLE') {
        return known.withNew({ code: 'TARGET_UNREACHABLE', where, state: STATE });
    }
    if (known.code === 'SOURCE_REFUSED') {
        return known.withNew({ code: 'TARGET_REFUSED', where, state: STATE });
    }
    if (/^2[23]/.test(code)) {
        return known.withNew({
            code: 'TARGET_VALUE',
            message: `a value of the mart does not fit into "${address.schema}.${address.table}"`,
            where,
            found: contextOf(error),
            state: STATE,
            next: 'correct the mart, or give the column another type in its head ("-- push_type: column text") and push with --full',
        });
    }
    if (code === '2BP01') {
        return known.withNew({
            code: 'TARGET_REFUSED',
            message: `"${address.schema}.${address.table}" cannot be replaced: others depend on it`,
            where,
            found: serverErrorFacts(error).detail ?? undefined,
            state: STATE,
            next: 'drop those views, push with --full, and create them again',
        });
    }
    if (code === '42501') {
        return known.withNew({
            code: 'TARGET_REFUSED',
            message: 'the rights of the user do not suffice at the target',
            where,
            found: message,
            state: STATE,
            next: `let its owner run: grant usage, create on schema "${address.schema}" to "${address.server.user}"`,
        });
    }
    return known.withNew({ code: 'TARGET_REFUSED', where, state: STATE, next: 'see what the server says' });
}

/** A text of a mart's row has a NUL character. */
export function nulTextError(
    target: string,
    { columns, key }: MartShape,
    row: readonly unknown[],
    place: number,
): EltError {
    const column = columns[place]?.name ?? '';
    return new EltError({
        code: 'TARGET_VALUE',
        message: "a text of the mart holds a NUL character, which PostgreSQL's texts cannot",
        where: target,
        found: `column ${column} of the row ${key.map((name, index) => `${name} ${String(row[index])}`).join(', ')}`,
        state: STATE,
        // SQLite's replace() takes a pattern that begins with a NUL for an empty one.
        next: `take it out in the mart: replace(json_quote(${quoteIdentifier(column)}), '\\u0000', '') ->> '$'`,
    });
}

/** `COPY elt_push_rows, line 3, column amount: "x"`. */
function contextOf(error: unknown): string | undefined {
    const { where } = (error ?? {}) as { readonly where?: unknown };
    return typeof where === 'string' ? where : undefined;
}
