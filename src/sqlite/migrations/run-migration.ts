import { refuseForbidden } from '../../sql/refuse-forbidden.ts';
import { type SqlStatement, splitStatements } from '../../sql/statements.ts';
import type { Database } from '../database.ts';
import { type RunningFile, runStatement } from '../run-statement.ts';
import type { MigrationFile } from './migration-file.ts';
import { recordMigration } from './migration-state.ts';

/** Runs the statements of a migration and records it, inside the caller's transaction. */
export function runMigration(
    database: Database,
    running: RunningFile,
    statements: readonly SqlStatement[],
    record: () => void,
): void {
    const before = tables(database);
    for (const statement of statements) {
        runStatement(database, running, statement);
    }
    record();
    refillChangedTables(database, before);
}

/** Applies a migration inside the caller's transaction; what it says if it fails: `state`. */
export function applyWithin(database: Database, migration: MigrationFile, state: string): void {
    const { file, sql: text } = migration;
    const statements = splitStatements(text, file);
    refuseForbidden(statements, file);
    runMigration(database, { file, text, state }, statements, () => recordMigration(database, migration));
}

/** A table that was created, altered or dropped is refilled from scratch by its model's next run. */
function refillChangedTables(database: Database, before: ReadonlyMap<string, string>): void {
    const after = tables(database);
    const names = new Set([...before.keys(), ...after.keys()]);
    if (!after.has('elt_watermarks')) {
        return;
    }
    const refill = database.prepare('update elt_watermarks set watermark = 0 where model = ? and watermark > 0');
    for (const name of names) {
        if (before.get(name) !== after.get(name)) {
            refill.run(name);
        }
    }
}

function tables(database: Database): ReadonlyMap<string, string> {
    const rows = database
        .prepare("select name, sql from sqlite_schema where type = 'table' and sql is not null")
        .all() as { readonly name: string; readonly sql: string }[];
    return new Map(rows.map((row) => [row.name, row.sql]));
}
