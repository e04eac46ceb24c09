import { quoteName } from '../sql/quote.ts';
import { relationText } from '../sql/relation-name.ts';
import type { Database } from '../sqlite/database.ts';
import type { CatalogueRelation } from './catalogue.ts';
import type { Finding } from './finding.ts';

/**
 * Values that a receiver without pinned settings has probably written, and that are not wrong for certain: those that are
 * wrong were put aside when they came (`value-does-not-fit`).
 */
interface Doubt {
    readonly type: RegExp;
    /** Whether a value is doubtful; `value` is the column. */
    readonly condition: (value: string) => string;
    readonly finding: string;
    readonly lost: string;
    readonly setting: string;
}

const DOUBTS: readonly Doubt[] = [
    {
        type: /^(?:timestamptz|timestamp(?:\(\d\))? with time zone)$/,
        condition: (value) => `${value} glob '*:*' and replace(${value}, ' BC', '') not glob '*+00'`,
        finding: 'times with another offset than +00',
        lost: 'their order as texts, and the day in UTC that substr(…, 1, 10) takes',
        setting: 'TimeZone=UTC',
    },
    {
        type: /^interval\b/,
        // postgres_verbose begins with @; iso_8601 and sql_standard have no small letters, of which PostgreSQL's own style
        // is without only where an interval is a time: two digits or more, and no blank.
        condition: (value) => `(${value} glob '@*' or ${value} not glob '*[a-z]*'
            and (${value} glob '* *' or not (${value} glob '[0-9][0-9]*:*' or ${value} glob '-[0-9][0-9]*:*')))`,
        finding: "intervals in another style than PostgreSQL's own",
        lost: 'one text for one interval: others are written in another style',
        setting: 'IntervalStyle=postgres',
    },
];

/** Only the newest changes of a table are asked, where the answer must come quickly; all if not given. */
export function doubtfulValues(
    database: Database,
    relations: readonly CatalogueRelation[],
    newest?: number,
): readonly Finding[] {
    return relations.flatMap(({ schema, table, stagingTable, columns }) =>
        columns.flatMap(({ columnName, pgType }): Finding[] => {
            const doubt = DOUBTS.find(({ type }) => type.test(pgType ?? ''));
            const found = doubt && firstDoubtful(database, stagingTable, columnName, doubt, newest);
            return doubt === undefined || found === undefined
                ? []
                : [
                      {
                          subject: `${relationText(schema, table)}.${columnName}`,
                          finding: `has ${doubt.finding}: ${found.value} at _seq ${found.seq}`,
                          lost: doubt.lost,
                          fix: `capture with PGOPTIONS='-c ${doubt.setting}' and the other settings of docs/loading.md`,
                      },
                  ];
        }),
    );
}

function firstDoubtful(
    database: Database,
    stagingTable: string,
    columnName: string,
    { condition }: Doubt,
    newest: number | undefined,
): { readonly seq: number; readonly value: string } | undefined {
    const staged = quoteName(stagingTable);
    const column = quoteName(columnName);
    const since =
        newest === undefined
            ? ''
            : `_seq > coalesce((select _seq from ${staged} order by _seq desc limit 1 offset ${newest}), 0) and `;
    return database
        .prepare(
            `select _seq as seq, ${column} as value from ${staged} where ${since}${condition(column)} order by _seq limit 1`,
        )
        .get() as { seq: number; value: string } | undefined;
}
