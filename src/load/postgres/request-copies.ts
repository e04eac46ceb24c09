import { EltError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { readSourceTables, saveSourceTable, updateSource } from '../../ledger/sources.ts';
import { type NamedTable, namedTable } from '../../sql/relation-name.ts';
import { type Database, inTransaction } from '../../sqlite/database.ts';
import { followedSource } from './source-status.ts';
import { isNamed } from './wanted-tables.ts';

/**
 * Asks for every table to be copied again, from a new slot: after changes were lost. The next `elt follow` does it, and
 * models see nothing of it before all of it is there.
 */
export function requestAllCopies(database: Database): readonly string[] {
    const source = followedSource(database);
    const tables = readSourceTables(database, source.source_id);
    inTransaction(database, () => {
        updateSource(database, source.source_id, { phase: 'creating', error: null });
        for (const table of tables) {
            saveSourceTable(database, source.source_id, { ...table, state: 'pending', snapshot_lsn: null });
        }
    });
    return tables.map(({ schema_name: schema, table_name: table }) => `${schema}.${table}`);
}

/** Asks for single tables, while the others continue; one that is not followed yet is added. */
export function requestCopies(database: Database, words: readonly string[]): readonly string[] {
    const source = followedSource(database);
    const tables = readSourceTables(database, source.source_id);
    const known = tables.map((row) => ({ schema: row.schema_name, table: row.table_name, row }));
    const asked = words.flatMap((word) => {
        const found = known.filter((table) => isNamed(table, word));
        return found.length > 0 ? found.map(({ row }) => row) : [newTable(word, known)];
    });
    inTransaction(database, () => {
        for (const table of asked) {
            saveSourceTable(database, source.source_id, { ...table, state: 'pending' });
        }
    });
    return asked.map(({ schema_name: schema, table_name: table }) => `${schema}.${table}`);
}

function newTable(word: string, known: readonly NamedTable[]) {
    const { schema, table } = namedTable(word);
    if (table === '*' || table === '') {
        const names = known.map((one) => `${one.schema}.${one.table}`);
        const nearest = nearestName(word, names);
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `no table that is followed is named "${word}"`,
            found: nearest === undefined ? `followed: ${names.join(', ')}` : `did you mean "${nearest}"?`,
            state: 'nothing was changed',
            next: 'name a table, or give --all',
        });
    }
    return {
        schema_name: schema,
        table_name: table,
        relation_oid: null,
        partitions: null,
        state: 'pending',
        snapshot_lsn: null,
        copied_rows: null,
        load_id: null,
    } as const;
}
