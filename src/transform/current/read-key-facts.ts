import { encodeLabel, quoteName, quoteText } from '../../sql/quote.ts';
import { parseNames } from '../../sql/relation-name.ts';
import type { Database } from '../../sqlite/database.ts';

/** What drift says about the keys of a relation. */
export interface KeyFacts {
    /** Columns whose values in rows that are not written again are not those of PostgreSQL. */
    readonly stale: readonly string[];
    /** Keys that were given up, also those that were only taken for the key. */
    readonly presumed: readonly (readonly string[])[];
    /** The `_seq` of the first row written after another `_seq` that has null in one of the columns. */
    readonly firstThatLacks: (columns: readonly string[], after: number) => number | undefined;
}

type Drifted = Pick<KeyFacts, 'stale' | 'presumed'>;

const NO_DRIFT: Drifted = { stale: [], presumed: [] };

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
    const byTable = new Map<string, Drifted>();
    for (const { stagingTable, kind, name, was } of rows) {
        const { stale, presumed } = byTable.get(stagingTable) ?? NO_DRIFT;
        byTable.set(
            stagingTable,
            kind === 'rekeyed'
                ? { stale, presumed: [...presumed, parseNames(was ?? '', ',') ?? []] }
                : { stale: [...stale, name ?? ''], presumed },
        );
    }
    return (stagingTable) => ({
        ...(byTable.get(stagingTable) ?? NO_DRIFT),
        firstThatLacks: (columns, after) => firstThatLacks(database, stagingTable, columns, after),
    });
}

/** See `KeyFacts.firstThatLacks`. */
export function firstThatLacks(
    database: Database,
    stagingTable: string,
    columns: readonly string[],
    after: number,
): number | undefined {
    const lacks = columns.map((name) => {
        const label = quoteText(`,${encodeLabel(name)},`);
        return `(${quoteName(name)} is null and instr(coalesce(_absent, ''), ${label}) = 0)`;
    });
    const sql = `select _seq from ${quoteName(stagingTable)}
        where _seq > ? and _op in ('insert', 'update') and (${lacks.join(' or ')})
        order by _seq
        limit 1`;
    return database.prepare(sql).pluck().get(after) as number | undefined;
}
