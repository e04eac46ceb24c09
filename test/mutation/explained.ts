import type { Mutant } from './mutants.ts';

/** What may be taken out without a wrong row, and why it stands in the SQL all the same. */
export interface Explained {
    readonly kind: Mutant['kind'];
    /** Found in what was taken out. */
    readonly removed: RegExp;
    readonly why: string;
}

export const EXPLAINED: readonly Explained[] = [
    { kind: 'statement', removed: /^create index /, why: 'an index that is not unique: only speed' },
    {
        kind: 'statement',
        removed: /^delete from metrics_dirty;/,
        why: 'keys of earlier runs would be brought up to date once more: only speed, and what a person asks after a run',
    },
    {
        kind: 'guard',
        removed: /^id in \(select id from metrics_dirty\)$/,
        why: 'all keys would be brought up to date: only speed',
    },
    {
        kind: 'guard',
        removed: /^not exists \(select 1 from metrics_now /,
        why: 'rows that are still there would be deleted and inserted again: only speed and honest counts',
    },
    {
        kind: 'guard',
        removed: / is distinct from \(/,
        why: 'equal rows would be written again: only speed and honest counts',
    },
    {
        kind: 'guard',
        removed: /^(\(select recording from elt_watermarks where )?model = 'current_\w+'\)?$/,
        why: 'the row of another model would be asked: more is recorded or folded again, with the same rows',
    },
    {
        kind: 'guard',
        removed: /^(new\._old_key is null|\(new\._old_key is not null or new\._absent is not null\))$/,
        why: 'two triggers would do the work of one, with the same rows: they exclude each other because their order is undefined',
    },
    {
        kind: 'guard',
        removed: /^\w+ <> new\._old_key ->> /,
        why: 'staging keeps an old key only where it differs: said again for those who read it',
    },
    {
        kind: 'guard',
        removed: /^_seq > \(select watermark /,
        why: 'all changes would be folded again in every run, with the same rows: only speed',
    },
    {
        kind: 'guard',
        removed: /^new\._op in \('insert', 'update'\)$/,
        why: 'deletes and truncates carry neither old key nor absent columns: said again for those who read it',
    },
];

/** The explanation of a mutant that no history gives away; undefined if there is none. */
export function explanationOf(mutant: Mutant): string | undefined {
    return EXPLAINED.find(({ kind, removed }) => kind === mutant.kind && removed.test(mutant.removed))?.why;
}
