import type { EltError } from '../../core/errors.ts';
import type { ProjectFiles } from '../../project/model-files.ts';
import { begin, type Database, rollback } from '../../sqlite/database.ts';
import type { MigrationFile } from '../../sqlite/migrations/migration-file.ts';
import { pendingMigrations } from '../../sqlite/migrations/migration-state.ts';
import { applyWithin } from '../../sqlite/migrations/run-migration.ts';
import { aroundStops } from '../around-stops.ts';
import type { TestResult } from '../data-tests.ts';
import type { PlannedModel } from '../plan/decide.ts';
import { type ModelResult, runUntested } from '../transform.ts';
import { type KeptTable, keepTable, type TableDifference, tableDifference } from './table-difference.ts';

/** What `elt transform` would do to the tables. */
export interface RanModels {
    /** Migrations that were applied first. */
    readonly migrations: readonly string[];
    readonly models: readonly TriedModel[];
}

/** The same, with what its data tests would find. */
export interface TriedRun extends RanModels {
    readonly tests: readonly TestResult[];
    readonly stops: readonly EltError[];
}

/** Called while a run is tried. */
interface TryProgress {
    /** Before anything runs: the models that will. */
    readonly decided: (models: readonly string[]) => void;
    /** Before the data tests. */
    readonly ran: (run: RanModels) => void;
}

export interface TriedModel extends ModelResult {
    /** Of a table that was filled anew; the others are counted. */
    readonly difference: TableDifference | null;
}

const EVERYTHING = { select: [], rebuild: false } as const;
const STATE = 'nothing was changed: this was a copy';

/** Runs everything that is not up to date in a transaction on a private copy, looks at the outcome, and takes it back. */
export function tryRun(
    database: Database,
    files: ProjectFiles,
    migrations: readonly MigrationFile[],
    progress: TryProgress,
): TriedRun {
    return aroundStops((stopped) => {
        begin(database);
        try {
            const pending = pendingMigrations(database, migrations);
            for (const migration of migrations.filter(({ name }) => pending.includes(name))) {
                applyWithin(database, migration, STATE);
            }
            const kept = new Map<string, KeptTable | undefined>();
            const decided = (running: readonly PlannedModel[]): void => {
                progress.decided(running.map(({ ordered }) => ordered.model));
                for (const { ordered } of running.filter(({ action }) => action === 'full')) {
                    kept.set(ordered.model, keepTable(database, ordered.model, kept.size));
                }
            };
            const { models, stops, test } = runUntested(database, files, EVERYTHING, stopped, decided);
            const byName = new Map(files.models.map((model) => [model.name, model]));
            const tried = models.map((result): TriedModel => {
                const model = byName.get(result.model);
                const isAnew = result.action === 'full' && model !== undefined;
                const difference = isAnew ? tableDifference(database, model, kept.get(result.model)) : null;
                return { ...result, difference };
            });
            const ran = { migrations: pending, models: tried };
            progress.ran(ran);
            return { ...ran, stops, tests: test() };
        } finally {
            rollback(database);
        }
    });
}
