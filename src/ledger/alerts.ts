import type { Database } from '../sqlite/database.ts';
import { saveRow } from './write-row.ts';

/** A row of `elt_alerts`: how the last run found the threshold of a figure. */
export interface AlertState {
    readonly figure: string;
    readonly alert: string;
    readonly is_crossed: number;
    readonly value: number;
    readonly since: string;
}

export function readAlertStates(database: Database): ReadonlyMap<string, AlertState> {
    const rows = database.prepare('select * from elt_alerts').all() as AlertState[];
    return new Map(rows.map((row) => [row.figure, row]));
}

export function saveAlertStates(database: Database, states: readonly AlertState[]): void {
    for (const state of states) {
        saveRow(database, 'elt_alerts', ['figure'], { ...state });
    }
}
