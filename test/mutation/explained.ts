import type { Mutant } from './mutants.ts';

/** What may be taken out without a wrong row, and why it stands in the SQL all the same. */
export interface Explained {
    readonly kind: Mutant['kind'];
    /** Found in what was taken out. */
    readonly removed: RegExp;
    /** Only in files whose path it matches. */
    readonly file?: RegExp;
    readonly why: string;
}

export const EXPLAINED: readonly Explained[] = [
    { kind: 'statement', removed: /^create index /, why: 'an index that is not unique: only speed' },
    {
        kind: 'statement',
        removed: /^delete from \w+_dirty;/,
        why: 'keys of earlier runs would be brought up to date once more: only speed, and what a person asks after a run',
    },
    {
        kind: 'guard',
        removed: /^(?:\w+\.)?(\w+) in \(select \1 from \w+_dirty\)$/,
        why: 'all keys would be brought up to date: only speed',
    },
    {
        kind: 'guard',
        removed:
            /^(event_id|created\.transaction_id|\((created\.)?transaction_id, 'cash_(in|out)'\)) in \(select (transaction_id|session_id|transaction_id, kind) from \w+_dirty\)$/,
        file: /^sql\/(game|cash_flow)\//,
        why: 'more keys would be brought up to date, under the name that a column has in the SELECT: only speed',
    },
    {
        kind: 'guard',
        removed: /^changed_\w+\.\w+ (is (not )?null|= '\w+'|in \(.+\))$/,
        why: 'changed rows of which the mart shows nothing would be asked for: only speed',
    },
    {
        kind: 'arm',
        removed: /^union all select new_events\._seq from stg_events /,
        why: 'an event that has just landed is a changed row of events too: the other arm names it',
    },
    {
        kind: 'guard',
        removed: /^(new_events\._seq (>|<=) \(|model = 'discarded'$)/,
        file: /^sql\/game\/upkeep\/discarded\.sql$/,
        why: 'more events would be asked for: only speed',
    },
    {
        kind: 'statement',
        removed: /^create trigger current_\w+_(inserted|deleting) /,
        why: 'a mart that reads a table of which nobody records inserts or deletes compares all rows: only speed',
    },
    {
        kind: 'guard',
        removed: /^new\._old_key is not null$/,
        why: 'without an old key the row that the change names is the one that has its key: only speed',
    },
    {
        kind: 'guard',
        removed: /^(not exists \( ?select 1 from \w+_(?:now|fresh) |\(transaction_id, kind\) not in \()/,
        why: 'rows that are still there would be deleted and inserted again: only speed and honest counts',
    },
    {
        kind: 'guard',
        removed: / is distinct from (\(|held)/,
        why: 'equal rows would be written again: only speed and honest counts',
    },
    {
        kind: 'guard',
        removed: /^(\(select recording from elt_watermarks where )?model = '(current_\w+|events|transactions)'\)?$/,
        why: 'the row of another model would be asked: more is recorded or folded again, with the same rows',
    },
    {
        kind: 'statement',
        removed: /^create unique index if not exists key_/,
        why: 'the fold finds rows by it, and writes by their row number: speed, and a second row of a key is refused',
    },
    {
        kind: 'guard',
        removed: /^false$/,
        why: 'a changed table is created when its current table is empty, so it would be empty too',
    },
    {
        kind: 'guard',
        removed: /^_seq <= \(select whole_seq from elt_stream\)$/,
        file: /^sql\/(card_spend|game|cash_flow)\//,
        why: 'rows have no transactions: all that has landed is whole, and the fold of changes shows the guard',
    },
    {
        kind: 'guard',
        removed: /^(fresh\.)?_seq > \(select watermark /,
        why: 'all changes would be folded again in every run, with the same rows: only speed',
    },
    {
        kind: 'trigger statement',
        removed: /^insert into changed_events select tick, 'update', /,
        why: 'an update writes a verdict and no key: each of the two images tells who is reached',
    },
    {
        kind: 'statement',
        removed: /^create trigger events_deleted /,
        why: 'staging is append-only, so no event is taken away: for a person who does it',
    },
    {
        kind: 'statement',
        removed: /^create trigger transactions_(updated|deleted) /,
        file: /^sql\/card_spend\//,
        why: 'staging is append-only, so no card transaction changes or goes: for a person who does it',
    },
    {
        kind: 'trigger statement',
        removed: /^insert into changed_transactions select tick, 'update', /,
        file: /^sql\/card_spend\//,
        why: 'staging is append-only, so no card transaction changes: for a person who does it',
    },
    {
        kind: 'guard',
        removed:
            / in \(select (\+date from daily_dirty|date, merchant_type_code, transaction_type from daily_dirty)\)$/,
        why: 'one finds the rows by an index, the other the keys: more would be asked for, with the same rows',
    },
    {
        kind: 'statement',
        removed: /^insert into \w+_fresh .* limit iif\(exists \(select 1 from \w+_dirty where /,
        why: 'a row whose key is null stops a run: no file of the pipeline has one',
    },
    {
        kind: 'guard',
        removed: /^\(?(\w+ is null or )*\w+ is null\)?$/,
        file: /^sql\/card_spend\//,
        why: 'a row whose key is null stops a run: no file of the pipeline has one',
    },
    {
        kind: 'guard',
        removed: /^\(?(user|transaction|session)_id is null\)?$/,
        file: /^sql\/game\/upkeep\//,
        why: 'a row whose key is null stops a run: no event that counts has one',
    },
    {
        kind: 'statement',
        removed: /^delete from (daily|card_holders) where /,
        file: /^sql\/card_spend\//,
        why: 'staging is append-only, so no day and no card holder goes: for a person who takes a row away',
    },
    {
        kind: 'guard',
        removed:
            /^(not exists \( select 1 from (daily|card_holders)_fresh |(daily|card_holders)_fresh\.\w+ = (daily|card_holders)\.)/,
        file: /^sql\/card_spend\//,
        why: 'rows that are still there would be deleted and inserted again, or none would be deleted, and none goes',
    },
    {
        kind: 'guard',
        removed: /^(event_id|user_id) is not null$/,
        why: 'an index would hold more: only speed',
    },
    {
        kind: 'guard',
        removed: /^(event_type = 'logout'|discarded is null)$/,
        file: /^sql\/game\/marts\/events\.sql$/,
        why: 'an index would hold more: only speed',
    },
    {
        kind: 'guard',
        removed: /^fresh\.user_id is not null$/,
        why: 'the list of users refuses a null, and the insert continues: said for those who read it',
    },
    {
        kind: 'guard',
        removed:
            /^(event\.event_id in \( select fresh\.|exists \( select 1 from events as other where |other\.event_id = fresh\.|other\._seq <> fresh\.)/,
        why: 'an event that shares its event_id with no other would be listed as the first of one: only speed',
    },
    {
        kind: 'statement',
        removed: /^insert into events_last /,
        why: 'no mart is made of it: the question that it answers is asked in test/pipelines/game',
    },
    {
        kind: 'statement',
        removed: /^delete from events_placed;$/,
        why: 'the verdicts of earlier runs would be written once more, before those of this run: only speed',
    },
    {
        kind: 'arm',
        removed: /^union all select before\.session_id from changed_events /,
        why: 'events are not taken away, so the one that began a session is found by its user: for a person who does it',
    },
    {
        kind: 'guard',
        removed: /^event\.event_type in \('registration', 'login'\)$/,
        why: 'events that began no session would be asked for too: only speed',
    },
];

/** The explanation of a mutant that no history gives away; undefined if there is none. */
export function explanationOf(mutant: Mutant, path: string): string | undefined {
    return EXPLAINED.find(
        ({ kind, removed, file }) =>
            kind === mutant.kind && removed.test(mutant.removed) && (file === undefined || file.test(path)),
    )?.why;
}
