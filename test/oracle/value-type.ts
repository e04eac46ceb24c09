import type { Random } from '../support/random.ts';

/** A PostgreSQL type as the workload uses it: its name in DDL and how literals of it are made. */
export interface ValueType {
    /** As written in `create table`. */
    readonly name: string;
    /** SQL literals at the limits of the type and odd ones; each is used sooner or later. */
    readonly odd: readonly string[];
    /** A usual value, as SQL. */
    readonly usual: (random: Random) => string;
    /** The n-th of a row of values that never repeats, as SQL; only where the type can be a key. */
    readonly unique?: ((n: number, random: Random) => string) | undefined;
    /** A value above 2 kB that does not compress, as SQL; hexadecimal text where it is not given. */
    readonly large?: ((random: Random) => string) | undefined;
    /** Types that `alter column … type` turns this one into without an error, whatever the values. */
    readonly retypesTo?: readonly string[] | undefined;
}

/** `text` as an SQL string literal. */
export function literal(text: string): string {
    const quoted = text.replaceAll("'", "''");
    return text.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}

/** `name` as an SQL identifier. */
export function identifier(name: string): string {
    return `"${name.replaceAll('"', '""')}"`;
}
