import { EltError } from '../../core/errors.ts';
import { watched } from '../../process/statement-watch.ts';
import type { ModelFile } from '../../project/model-files.ts';
import { quoteName } from '../../sql/quote.ts';
import type { SqlStatement } from '../../sql/statements.ts';
import type { Database } from '../../sqlite/database.ts';
import { placeOf, statementError } from '../../sqlite/run-statement.ts';
import { tablesTouched } from '../../sqlite/tables-touched.ts';
import { createdName } from './file-facts.ts';
import { refuseHiddenWrites } from './refuse-overreach.ts';

/** A file that ran on the scratch schema, with the tables that it touches. */
export interface Tried {
    readonly model: ModelFile;
    readonly reads: ReadonlySet<string>;
    readonly writes: ReadonlySet<string>;
}

/** A table that a file reads and that is not there (yet). */
export interface MissingTable {
    readonly table: string;
    readonly where: { readonly file: string; readonly text: string };
    readonly statement: SqlStatement;
    readonly error: unknown;
}

/** Rolls back a file that lacks something: what it created before must not look as if it existed. */
export function tryWhole(scratch: Database, model: ModelFile): Tried | MissingTable {
    scratch.exec('savepoint file');
    const result = tryFile(scratch, model);
    scratch.exec('table' in result ? 'rollback to file; release file' : 'release file');
    return result;
}

function tryFile(scratch: Database, model: ModelFile): Tried | MissingTable {
    const reads = new Set<string>();
    const writes = new Set<string>();
    for (const statement of model.statements) {
        try {
            if (isSchemaStatement(statement)) {
                // `create table … as select` runs its query here too.
                watched(placeOf(model, statement), () => scratch.exec(statement.sql));
                const view = createdName(statement, 'view');
                // SQLite creates a view over a missing table without an error.
                if (view !== undefined && !isTriggered(model, view)) {
                    addAll(reads, tablesTouched(scratch, `select * from ${quoteName(view)}`).reads);
                }
            } else {
                const touched = tablesTouched(scratch, statement.sql);
                refuseHiddenWrites(model, statement, touched.writes);
                addAll(reads, touched.reads);
                addAll(writes, touched.writes);
            }
        } catch (error) {
            if (error instanceof EltError) {
                throw error;
            }
            const table = missingTable(error);
            if (table === undefined) {
                throw statementError(scratch, model, statement, error);
            }
            return { table, where: model, statement, error };
        }
    }
    return { model, reads, writes };
}

/** The table that SQLite does not find. */
export function missingTable(error: unknown): string | undefined {
    return /no such table: (?:main\.)?(.+)$/.exec(error instanceof Error ? error.message : '')?.[1];
}

/** A view with triggers is written to, not read. */
function isTriggered(model: ModelFile, view: string): boolean {
    return model.statements.some(
        (statement) => createdName(statement, 'trigger') !== undefined && statement.sql.includes(view),
    );
}

function isSchemaStatement(statement: SqlStatement): boolean {
    return ['create', 'drop', 'alter', 'reindex', 'analyze', 'pragma'].includes(statement.kind);
}

function addAll(set: Set<string>, items: Iterable<string>): void {
    for (const item of items) {
        set.add(item);
    }
}
