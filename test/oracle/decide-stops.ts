import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Coverage } from './coverage.ts';
import { type LandedRelation, landedRelations } from './current-tables.ts';
import { type Elt, EltFailed } from './elt.ts';
import type { PostgresTable } from './postgres-rows.ts';

/**
 * Format 1 leaves nulls out of whole old rows and then names no primary key: whether an old key is one cannot always be
 * known. There `elt` may stop, and names commands; the oracle gives the one that PostgreSQL's key answers, as a person
 * who knows the table would; a table without a key cannot be kept, so its file goes. Anything else that stops is a failure.
 */

/** `elt transform`, with the decisions that its stops ask for. */
export async function transformDeciding(elt: Elt, tables: readonly PostgresTable[], coverage: Coverage): Promise<void> {
    for (let decided = 0; ; decided++) {
        try {
            await elt.run(['transform']);
            return;
        } catch (error) {
            if (decided === 5 || !isStop(error)) {
                throw error;
            }
            const commands = answersTo(error, elt.options.database, tables);
            const isGone = commands.length === 0 && (await givesUp(error, elt, tables));
            if (commands.length === 0 && !isGone) {
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
    return stoppedTables(error, file, tables).flatMap(({ table, relation }) => {
        const key = table.key.map((column) => relation.columns.get(column)?.columnName);
        if (key.length === 0 || key.includes(undefined)) {
            return [];
        }
        const columns = key.map((column) => quotePart(column as string)).join(',');
        return [['scaffold', `${quotePart(table.schema)}.${quotePart(table.name)}`, '--key', columns]];
    });
}

/** Removes stopped current tables whose tables have no key, with their files; false: there are none. */
async function givesUp(error: EltFailed, elt: Elt, tables: readonly PostgresTable[]): Promise<boolean> {
    const files = filesWithoutKey(error, elt, tables);
    for (const file of files) {
        rmSync(file);
    }
    if (files.length > 0) {
        await elt.run(['prune']);
    }
    return files.length > 0;
}

function filesWithoutKey(error: EltFailed, { options }: Elt, tables: readonly PostgresTable[]): readonly string[] {
    const { project, database } = options;
    return stoppedTables(error, database, tables).flatMap(({ table, file }) =>
        table.key.length === 0 && project !== undefined ? [join(project, file)] : [],
    );
}

interface StoppedTable {
    readonly table: PostgresTable;
    readonly relation: LandedRelation;
    /** Of its current table, below the project. */
    readonly file: string;
}

/** The tables whose current tables stopped, by what the errors say. */
function stoppedTables(error: EltFailed, database: string, tables: readonly PostgresTable[]): readonly StoppedTable[] {
    const told = error.message.matchAll(/^error KEY_CHANGED: "(current_.*)" stopped: [\s\S]*?^ {2}where: {2}(.*)$/gm);
    const opened = new Database(database, { readonly: true });
    try {
        const landed = [...landedRelations(opened).values()];
        return [...told].flatMap(([, name, file]) => {
            const relation = landed.find(({ currentTable }) => currentTable === name);
            const table = tables.find((one) => one.schema === relation?.schema && one.name === relation.table);
            return relation === undefined || table === undefined || file === undefined
                ? []
                : [{ table, relation, file }];
        });
    } finally {
        opened.close();
    }
}

/** As PostgreSQL quotes a name. */
function quotePart(name: string): string {
    return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
