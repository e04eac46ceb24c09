import { escapeControls } from '../core/errors.ts';
import { readDrift } from '../ledger/catalogue.ts';
import { readStream } from '../ledger/loads.ts';
import { readModelStates, readWatermarks } from '../ledger/model-state.ts';
import { countOpenRejects } from '../ledger/rejects.ts';
import { stagedTables } from '../ledger/staged-tables.ts';
import { tablesWithoutIdentity } from '../ledger/stream-limits.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { migrationsOf, withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { grouped, textTable } from '../report/text-table.ts';
import { pendingMigrations } from '../sqlite/migrations/migration-state.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import type { RunCommand } from './command.ts';

/** Only the last ones are shown; `elt drift` lists all. */
const DRIFTS_SHOWN = 5;

const EVERYTHING = { select: [], rebuild: false } as const;

export const status: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const stream = readStream(database);
        const tables = stagedTables(database);
        const states = readModelStates(database);
        const watermarks = readWatermarks(database);
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const models = planTransform(database, files, EVERYTHING).planned.map((planned) => ({
            model: planned.ordered.model,
            state: planned.ordered.waitsFor === null ? planned.reason : `waiting: ${planned.ordered.waitsFor}`,
            watermark: watermarks.get(planned.ordered.model)?.watermark ?? null,
            lag: planned.action === 'waiting' || !watermarks.has(planned.ordered.model) ? null : planned.lag,
            lastRunAt: states.get(planned.ordered.model)?.last_run_at ?? null,
            milliseconds: states.get(planned.ordered.model)?.milliseconds ?? null,
            warning: planned.followed.warning,
        }));
        const drift = readDrift(database);
        const rejects = countOpenRejects(database);
        const withoutIdentity = tablesWithoutIdentity(database);
        const pending = pendingMigrations(database, migrationsOf(settings));
        output.printLines(
            textTable(
                ['staging table', 'rows', 'last _seq', 'last position', 'last load', 'loaded at'],
                tables.map((one) => [one.table, one.rows, one.lastSeq, one.lastLsn, one.lastLoad, one.loadedAt]),
            ),
        );
        output.print('');
        output.printLines(
            textTable(
                ['model', 'state', 'watermark', 'lag', 'last run', 'ms'],
                models.map((one) => [
                    one.model,
                    one.state,
                    one.watermark,
                    one.lag,
                    one.lastRunAt,
                    one.milliseconds === null ? null : Math.round(one.milliseconds),
                ]),
            ),
        );
        output.print('');
        output.print(
            `${grouped(rejects)} open rejects, ${grouped(drift.length)} drifts, ${pending.length} migrations pending`,
        );
        output.printLines(drift.slice(-DRIFTS_SHOWN).map(driftText));
        if (stream.open_changes !== null) {
            output.print(
                `a transaction has landed partly (xid ${stream.open_xid ?? 'unknown'}): models wait for its end`,
            );
        }
        for (const table of withoutIdentity) {
            output.print(escapeControls(`${table}: no key, so no updates and deletes are in the stream ("elt check")`));
        }
        for (const model of models.filter((one) => one.warning !== null)) {
            output.note(`note: ${model.warning}`);
        }
        output.result({ stream, tables, models, rejects, drift, withoutIdentity, pending });
        return 0;
    });
};

/** `_seq 4: stg_orders column "extra" added (bigint)`. */
function driftText(drift: Readonly<Record<string, string | number | null>>): string {
    const types = [drift.was, drift.now].filter((type) => type !== null).join(' to ');
    const column = drift.column_name === null ? '' : ` column "${drift.column_name}"`;
    return escapeControls(`  _seq ${drift._seq}: ${drift.staging_table}${column} ${drift.kind} (${types})`);
}
