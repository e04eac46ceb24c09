import type { Database } from '../../src/sqlite/database.ts';

interface Step {
    readonly addr: number;
    readonly opcode: string;
    readonly p1: number;
    readonly p2: number;
    readonly p3: number;
}

/**
 * Tables and indexes that a statement walks through from end to end, of those that grow with the history: staging,
 * current tables and `marts`. Read out of the program that SQLite would run: a cursor is opened on a root page, put at
 * an end, and moved on (or counted). What its triggers would run is left out; parameters are bound to anything.
 * Source: https://www.sqlite.org/opcode.html
 */
export function growingScans(database: Database, sql: string, marts: readonly string[]): string[] {
    const roots = new Map(
        (
            database.prepare('select rootpage, name, tbl_name from sqlite_schema where rootpage > 0').all() as {
                rootpage: number;
                name: string;
                tbl_name: string;
            }[]
        ).map((row) => [row.rootpage, row]),
    );
    const grows = (table: string): boolean => /^(?:stg|current)_/.test(table) || marts.includes(table);
    const program = mainProgram(database, sql);
    const isMoved = (cursor: number): boolean =>
        program.some(({ opcode, p1 }) => (opcode === 'Next' || opcode === 'Prev') && p1 === cursor);
    const opened = new Map<number, { readonly name: string; readonly tbl_name: string } | undefined>();
    const found: string[] = [];
    for (const { opcode, p1, p2, p3 } of program) {
        if (opcode.startsWith('Open')) {
            opened.set(p1, /^Open(?:Read|Write)$/.test(opcode) && p3 === 0 ? roots.get(p2) : undefined);
        }
        const at = opened.get(p1);
        const isWalk = opcode === 'Count' || ((opcode === 'Rewind' || opcode === 'Last') && isMoved(p1));
        if (isWalk && at !== undefined && grows(at.tbl_name)) {
            found.push(at.name);
        }
    }
    return found;
}

/** Triggers' programs follow the main one, each from address 0. */
function mainProgram(database: Database, sql: string): readonly Step[] {
    const parameters = Array((sql.match(/\?/g) ?? []).length).fill(1);
    const steps = database.prepare(`explain ${sql}`).all(...parameters) as Step[];
    const end = steps.findIndex((step, index) => index > 0 && step.addr === 0);
    return end === -1 ? steps : steps.slice(0, end);
}
