import { parseNames } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';

/** What drift says about the keys of a relation. */
export interface KeyFacts {
    /** Columns whose values in rows that are not written again are not those of PostgreSQL. */
    readonly stale: readonly string[];
    /** Keys that were given up, also those that were only taken for the key. */
    readonly presumed: readonly (readonly string[])[];
}

const NO_FACTS: KeyFacts = { stale: [], presumed: [] };

/** The facts of each staging table. */
export function readKeyFacts(database: Database): (stagingTable: string) => KeyFacts {
    const rows = database
        .prepare(
            `select staging_table as stagingTable, kind, column_name as name, was
            from elt_drift
            where kind = 'rekeyed' or stale = 1
            order by drift_id`,
        )
        .all() as readonly { stagingTable: string; kind: string; name: string | null; was: string | null }[];
    const byTable = new Map<string, KeyFacts>();
    for (const { stagingTable, kind, name, was } of rows) {
        const { stale, presumed } = byTable.get(stagingTable) ?? NO_FACTS;
        byTable.set(
            stagingTable,
            kind === 'rekeyed'
                ? { stale, presumed: [...presumed, parseNames(was ?? '', ',') ?? []] }
                : { stale: [...stale, name ?? ''], presumed },
        );
    }
    return (stagingTable) => byTable.get(stagingTable) ?? NO_FACTS;
}
