import type { ModelFile } from '../../project/model-files.ts';
import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { dropObject } from '../../sqlite/schema-kind.ts';
import type { PlannedModel } from '../../transform/plan/decide.ts';
import { tryWhole } from '../../transform/plan/try-file.ts';
import type { EngineColumn } from '../marts/engine-scope.ts';
import { engineTypeOf } from '../marts/engine-type.ts';
import { plainColumn } from './engine-tables.ts';

/** Creates the tables and views of the models in an empty copy of the schema, in their order. */
export function createTables(scratch: Database, running: readonly PlannedModel[]): void {
    for (const { ordered } of running) {
        // On a table of a migration those of an earlier run are still there.
        for (const word of ['inserted', 'updated', 'deleted']) {
            scratch.exec(`drop trigger if exists ${quoteName(`${ordered.model}_${word}`)}`);
        }
        for (const table of ordered.creates) {
            scratch.exec(dropObject(scratch, table));
        }
    }
    for (const { followed } of running) {
        const tried = tryWhole(scratch, followed.model);
        if ('table' in tried) {
            throw new Error(`${followed.model.file} does not find ${tried.table}`);
        }
    }
}

/** The columns of the table that a mart fills, as it is declared. */
export function martColumns(scratch: Database, { name }: ModelFile): readonly EngineColumn[] {
    const rows = scratch.prepare('select name, type from pragma_table_info(?)').all(name) as {
        readonly name: string;
        readonly type: string;
    }[];
    return rows.map((row) => plainColumn(row.name, engineTypeOf(row.type)));
}
