import type { ProjectFiles } from '../../project/model-files.ts';
import type { Database } from '../../sqlite/database.ts';
import { copyInMemory } from '../../sqlite/in-memory.ts';
import { runStatement } from '../../sqlite/run-statement.ts';
import { CANNOT_RUN, type PlannedModel } from '../plan/decide.ts';
import { planTransform } from '../plan/plan-transform.ts';
import { type CaseTable, caseTables } from './case-table.ts';

/** What all cases of a pipeline have in common: its schema without a row, and its models in their order. */
export interface CaseGround {
    readonly planned: readonly PlannedModel[];
    /** Tables that a case may give, or expect, by their names in lower case. */
    readonly tables: ReadonlyMap<string, CaseTable>;
    /** A database of its own, in memory: the schema before any model has run. */
    readonly copy: () => Database;
}

export const CASE_STATE = 'nothing was changed: a case runs in a database of its own';

/** What is known of the schema without a database: an empty one in memory, and the columns that are never null. */
interface EmptySchema {
    readonly database: Database;
    /** By tables; names in lower case. */
    readonly required: ReadonlyMap<string, ReadonlySet<string>>;
}

/** To be called inside `withGenerator`. */
export function caseGround({ database: empty, required }: EmptySchema, files: ProjectFiles): CaseGround {
    const { planned } = planTransform(empty, files, { select: [], rebuild: false });
    const made = copyInMemory(empty);
    try {
        setLanded(made, 1);
        for (const one of planned.filter(({ action }) => !CANNOT_RUN.has(action))) {
            runModelFile(made, one);
        }
        const tables = new Map(caseTables(made, required).map((table) => [table.name.toLowerCase(), table]));
        return { planned, tables, copy: () => copyInMemory(empty) };
    } finally {
        made.close();
    }
}

/** Runs a model's file as the shell would. */
export function runModelFile(database: Database, { followed: { model } }: PlannedModel): void {
    const running = { file: model.file, text: model.text, state: CASE_STATE };
    for (const statement of model.statements) {
        runStatement(database, running, statement);
    }
}

/** Everything up to this `_seq` has landed whole. */
export function setLanded(database: Database, seq: number | bigint): void {
    database.prepare('update elt_stream set last_seq = ?, whole_seq = ?').run(seq, seq);
}
