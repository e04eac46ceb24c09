import { quoteName } from '../sql/quote.ts';
import { createdObject } from '../sql/schema-object.ts';
import type { Database } from '../sqlite/database.ts';
import type { PlannedModel } from './plan/decide.ts';

interface IndexesAside {
    readonly drop: readonly string[];
    readonly create: readonly string[];
}

const NONE: IndexesAside = { drop: [], create: [] };

/**
 * The indexes that a migration has put on a mart's table, while the table is filled from scratch: created afterwards, by
 * a sort, they cost a fraction of what they cost row by row. Unique ones stay, because upserts need them. Only for marts
 * of one SELECT, whose upkeep reads the table by its key alone.
 */
export function indexesAside(database: Database, { action, followed, upkeep, ordered }: PlannedModel): IndexesAside {
    if (action !== 'full' || upkeep === undefined || ordered.creates.includes(ordered.model)) {
        return NONE;
    }
    const own = followed.model.statements.flatMap(({ sql }) => createdObject(sql)?.name ?? []);
    const found = database
        .prepare(
            `select name, sql from sqlite_schema
            where type = 'index' and tbl_name = ? and sql like 'create index %'
                and name not in (select value from json_each(?))
            order by name`,
        )
        .all(ordered.model, JSON.stringify(own)) as { readonly name: string; readonly sql: string }[];
    return {
        drop: found.map(({ name }) => `drop index ${quoteName(name)}`),
        create: found.map(({ sql }) => sql),
    };
}
