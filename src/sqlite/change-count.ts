import type { Database } from 'better-sqlite3';

/**
 * Counts what this process changes in a database beyond rows: its catalogue, and what it undoes. For those who keep what
 * they have worked out of it; the schema has a version of its own.
 */
const counts = new WeakMap<Database, number>();

export function countChange(database: Database): void {
    counts.set(database, changeCount(database) + 1);
}

export function changeCount(database: Database): number {
    return counts.get(database) ?? 0;
}
