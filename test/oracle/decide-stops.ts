import Database from 'better-sqlite3';
import type { Coverage } from './coverage.ts';
import { landedRelations } from './current-tables.ts';
import { type Elt, EltFailed } from './elt.ts';
import type { PostgresTable } from './postgres-rows.ts';

/**
 * Format 1 leaves nulls out of whole old rows and then names no primary key: whether an old key is one cannot always be
 * known. There `elt` may stop, and names commands; the oracle gives the one that PostgreSQL's key answers, as a person
 * who knows the table would. Anything else that stops is a failure.
 */

/** `elt transform`, with the decisions that its stops ask for. */
export async function transformDeciding(elt: Elt, tables: readonly PostgresTable[], coverage: Coverage): Promise<void> {
    for (let decided = 0; ; decided++) {
        try {
            await elt.run(['transform']);
            return;
        } catch (error) {
            const commands = decided < 5 && isStop(error) ? answersTo(error, elt.options.database, tables) : [];
            if (commands.length === 0) {
                throw error;
            }
            for (const command of commands) {
                await elt.run(command);
                coverage.hit('key decided by a person');
            }
        }
    }
}

/** Whether current tables stopped at their keys, and nothing else went wrong. */
export function isStop(error: unknown): error is EltFailed {
    return error instanceof EltFailed && error.status === 5 && /^error KEY_CHANGED: /m.test(error.message);
}

function answersTo(error: EltFailed, file: string, tables: readonly PostgresTable[]): readonly (readonly string[])[] {
    const stopped = [...error.message.matchAll(/^error KEY_CHANGED: "(current_.*)" stopped: /gm)].map(
        ([, name]) => name,
    );
    const database = new Database(file, { readonly: true });
    try {
        const landed = [...landedRelations(database).values()];
        return stopped.flatMap((name) => {
            const relation = landed.find(({ currentTable }) => currentTable === name);
            const table = tables.find((one) => one.schema === relation?.schema && one.name === relation.table);
            const key = table?.key.map((column) => relation?.columns.get(column)?.columnName);
            if (table === undefined || key === undefined || key.length === 0 || key.includes(undefined)) {
                return [];
            }
            const columns = key.map((column) => quotePart(column as string)).join(',');
            return [['scaffold', `${quotePart(table.schema)}.${quotePart(table.name)}`, '--key', columns]];
        });
    } finally {
        database.close();
    }
}

/** As PostgreSQL quotes a name. */
function quotePart(name: string): string {
    return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
