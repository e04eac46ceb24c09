/**
 * What a rival is asked for: the typed tables; these and `metrics`; new changes into an existing file, and a rebuild of
 * `metrics`; the tables with their keys, kept up to date.
 */
export type Mode = 'land' | 'run' | 'append' | 'upsert';
