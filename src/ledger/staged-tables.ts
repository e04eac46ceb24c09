import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';

/** The staged rows of a relation. */
interface StagedTable {
    readonly table: string;
    readonly relation: string;
    readonly rows: number;
    readonly lastSeq: number | null;
    readonly lastLsn: string | null;
    readonly lastLoad: number | null;
    readonly loadedAt: string | null;
}

/** Every staging table with what has landed; rows are counted from the ledger, which takes no scan. */
export function stagedTables(database: Database): readonly StagedTable[] {
    const relations = database
        .prepare(
            `select
                elt_relations.staging_table as "table",
                elt_relations.schema_name || '.' || elt_relations.table_name as relation,
                coalesce(sum(elt_load_tables.staged_rows), 0) as rows
            from elt_relations
            left join elt_load_tables on elt_load_tables.staging_table = elt_relations.staging_table
            group by elt_relations.staging_table
            order by elt_relations.staging_table`,
        )
        .all() as { table: string; relation: string; rows: number }[];
    return relations.map((relation) => {
        const last = database
            .prepare(
                `select staged._seq as lastSeq, staged._lsn as lastLsn, staged._load as lastLoad,
                    coalesce(elt_loads.finished_at, elt_loads.started_at) as loadedAt
                from ${quoteName(relation.table)} as staged
                left join elt_loads on elt_loads.load_id = staged._load
                order by staged._seq desc
                limit 1`,
            )
            .get() as Omit<StagedTable, 'table' | 'relation' | 'rows'> | undefined;
        const none = { lastSeq: null, lastLsn: null, lastLoad: null, loadedAt: null };
        return { ...relation, ...(last ?? none) };
    });
}

/** Whether any change of a relation is staged. */
export function hasStaged(
    database: Database,
    { schema, table }: { readonly schema: string; readonly table: string },
): boolean {
    const staging = database
        .prepare('select staging_table from elt_relations where schema_name = ? and table_name = ?')
        .pluck()
        .get(schema, table) as string | undefined;
    return staging !== undefined && database.prepare(`select 1 from ${quoteName(staging)} limit 1`).get() !== undefined;
}
