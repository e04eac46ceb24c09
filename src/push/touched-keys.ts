import { saveRow } from '../ledger/write-row.ts';
import { quoteName } from '../sql/quote.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import { tableExists } from '../sqlite/read-tables.ts';
import type { MartShape } from './mart-shape.ts';

/**
 * Owns `elt_touched_<mart>` and the row triggers that write it: one row for each row of the mart that was inserted,
 * updated or deleted, with its key, numbered by `_change`.
 *
 * Invariant: while the triggers are there, no change of the mart is without its number, whatever makes it: a run, a file
 * in the shell, a person. A table that is dropped takes its triggers along; then nothing is known, which
 * `elt_push_marts.since` says. Numbers are never used twice: the last row stays when others are deleted. Nothing in the
 * table is unique, so that it can refuse nothing: recording for a target must not make a run fail.
 */

export function touchedTable(mart: string): string {
    return `elt_touched_${mart}`;
}

/**
 * Begins to record where that is not done, or not by this key; returns the number before which nothing is known. A view
 * has no triggers: of it nothing is known but what it is now, so that each call gives a new number.
 */
export function trackTouched(database: Database, shape: MartShape): number {
    const known = trackedSince(database, shape);
    if (known !== undefined) {
        return known;
    }
    return inTransaction(database, () => {
        const { mart, key } = shape;
        const table = touchedTable(mart);
        const last = tableExists(database, table) ? lastChange(database, mart) : 0;
        for (const sql of [...dropSql(mart), ...createSql(shape)]) {
            database.exec(sql);
        }
        // Names the place from which on everything is known; it has no key, so it is no row of the mart.
        const since = last + 1;
        database.prepare(`insert into ${quoteName(table)} (_change) values (?)`).run(since);
        saveRow(database, 'elt_push_marts', ['mart'], { mart, key: JSON.stringify(key), since });
        return since;
    });
}

/** Undefined where the mart is not recorded, or was dropped since, or had another key. A view is never recorded. */
export function trackedSince(database: Database, shape: MartShape): number | undefined {
    const row = database.prepare('select key, since from elt_push_marts where mart = ?').get(shape.mart) as
        | { readonly key: string; readonly since: number }
        | undefined;
    const isComplete = tableExists(database, touchedTable(shape.mart)) && hasTriggers(database, shape.mart);
    return row !== undefined && row.key === JSON.stringify(shape.key) && isComplete && !shape.isView
        ? row.since
        : undefined;
}

/** The number of the last change; 0 if there is none. */
export function lastChange(database: Database, mart: string): number {
    const read = database.prepare(`select coalesce(max(_change), 0) from ${quoteName(touchedTable(mart))}`);
    return read.pluck().get() as number;
}

/** Deletes what every target has taken in, but for the last row, whose number must not be given again. */
export function forgetTouched(database: Database, mart: string, position: number): void {
    const table = quoteName(touchedTable(mart));
    database
        .prepare(`delete from ${table} where _change <= ? and _change < (select max(_change) from ${table})`)
        .run(position);
}

/** Records no more: the last target is gone. */
export function untrack(database: Database, mart: string): void {
    for (const sql of dropSql(mart)) {
        database.exec(sql);
    }
    database.prepare('delete from elt_push_marts where mart = ?').run(mart);
}

const EVENTS = ['insert', 'update', 'delete'] as const;

function hasTriggers(database: Database, mart: string): boolean {
    const names = database
        .prepare("select name from sqlite_schema where type = 'trigger' and lower(tbl_name) = lower(?)")
        .pluck()
        .all(mart);
    return EVENTS.every((event) => names.includes(triggerName(mart, event)));
}

function triggerName(mart: string, event: (typeof EVENTS)[number]): string {
    return `${touchedTable(mart)}_${event}`;
}

function dropSql(mart: string): readonly string[] {
    return [
        ...EVENTS.map((event) => `drop trigger if exists ${quoteName(triggerName(mart, event))}`),
        `drop table if exists ${quoteName(touchedTable(mart))}`,
    ];
}

function createSql({ mart, key, isView }: MartShape): readonly string[] {
    const table = quoteName(touchedTable(mart));
    const names = key.map(quoteName);
    const insert = (image: 'old' | 'new', when = ''): string => {
        const values = names.map((name) => `${image}.${name}`).join(', ');
        return `    insert into ${table} (${names.join(', ')}) select ${values}${when};`;
    };
    const moved = names.map((name) => `old.${name} is not new.${name}`).join(' or ');
    const bodies = {
        insert: [insert('new')],
        update: [insert('new'), insert('old', ` where ${moved}`)],
        delete: [insert('old')],
    };
    const columns = names.map((name) => `,\n    ${name} any`).join('');
    return [
        `create table ${table} (\n    _change integer primary key${columns}\n) strict`,
        ...(isView ? [] : EVENTS).map(
            (event) => `create trigger ${quoteName(triggerName(mart, event))} after ${event} on ${quoteName(mart)}
begin
${bodies[event].join('\n')}
end`,
        ),
    ];
}

/** How many keys a target has not taken in. */
export function countTouched(
    database: Database,
    { mart, key }: Pick<MartShape, 'mart' | 'key'>,
    position: number,
): number {
    const names = key.map(quoteName).join(', ');
    const isRow = key.map((name) => `${quoteName(name)} is not null`).join(' and ');
    return database
        .prepare(
            `select count(*)
            from (select distinct ${names} from ${quoteName(touchedTable(mart))} where _change > ? and ${isRow})`,
        )
        .pluck()
        .get(position) as number;
}
