import { EltError, escapeControls } from '../core/errors.ts';
import { type DriftRow, readDrift } from '../ledger/catalogue.ts';
import { lackingLine, lackingRelations } from '../ledger/first-contents.ts';
import { lastPosition, readStream } from '../ledger/loads.ts';
import { readModelStates, readWatermarks } from '../ledger/model-state.ts';
import { countOpenRejects } from '../ledger/rejects.ts';
import { stagedTables } from '../ledger/staged-tables.ts';
import { newestDoubts, tablesWithoutIdentity } from '../ledger/stream-limits.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { migrationsOf, withMigrated } from '../project/open-database.ts';
import { type Settings, sqlFolder } from '../project/settings.ts';
import type { Output } from '../report/output.ts';
import { grouped, textTable } from '../report/text-table.ts';
import { warningLines } from '../report/warning-lines.ts';
import type { Database } from '../sqlite/database.ts';
import { pendingMigrations } from '../sqlite/migrations/migration-state.ts';
import { leftUpkeepNote, looseEndNotes, orphans } from '../transform/loose-ends.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import { CANNOT_RUN, type PlannedModel } from '../transform/plan/decide.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import type { RunCommand } from './command.ts';

/** Only the last ones are shown; `elt drift` lists all. */
const DRIFTS_SHOWN = 5;

const EVERYTHING = { select: [], rebuild: false } as const;

export const status: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const stream = readStream(database);
        const tables = stagedTables(database);
        const planned = await plannedOrError(database, settings);
        const models = planned instanceof EltError ? [] : modelStates(database, planned.models);
        const left = planned instanceof EltError ? [] : planned.orphans;
        const drift = readDrift(database);
        const rejects = countOpenRejects(database);
        const withoutIdentity = tablesWithoutIdentity(database);
        const lacking = lackingRelations(database);
        const doubts = newestDoubts(database);
        const pending = pendingMigrations(database, migrationsOf(settings));
        printTables(output, tables, models);
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
        output.printLines(lacking.map(lackingLine));
        output.printLines(doubts.map(({ subject, finding }) => `${subject}: ${finding} ("elt check")`));
        for (const { objects, file, lastRunAt } of left) {
            const names = objects.join(', ');
            output.print(`no file fills ${names}: ${file} is gone, last run ${lastRunAt} ("elt prune" drops them)`);
        }
        for (const line of warningLines(models)) {
            output.note(line);
        }
        const facts = {
            position: lastPosition(database),
            stream,
            tables,
            models,
            rejects,
            drift,
            withoutIdentity,
            lacking,
            doubts,
            orphans: left,
            pending,
        };
        if (planned instanceof EltError) {
            return endWrong(output, facts, planned);
        }
        for (const line of [...looseEndNotes(database, planned.models), ...planned.leftUpkeep.map(leftUpkeepNote)]) {
            output.note(`note: ${line}`);
        }
        output.result(facts);
        return 0;
    });
};

/** The state of the files; the error of a file that is wrong, which must not hide the rest. */
async function plannedOrError(database: Database, settings: Settings) {
    try {
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const models = (await withGenerator(() => planTransform(database, files, EVERYTHING))).planned;
        const migrations = migrationsOf(settings).map(({ sql }) => sql);
        return { models, orphans: orphans(database, files, migrations), leftUpkeep: files.leftUpkeep };
    } catch (error) {
        if (error instanceof EltError && error.exitStatus === 6) {
            return error;
        }
        throw error;
    }
}

/** Ends with the status of the error; in JSON the error is a member of the one value that is written. */
function endWrong(output: Output, facts: object, error: EltError): number {
    if (!output.json) {
        throw error;
    }
    const { cause: _, ...told } = error.facts;
    output.result({ ...facts, error: told });
    return error.exitStatus;
}

function modelStates(database: Database, planned: readonly PlannedModel[]) {
    const states = readModelStates(database);
    const watermarks = readWatermarks(database);
    return planned.map((one) => {
        const { ordered, action, lag, followed } = one;
        return {
            model: ordered.model,
            state: stateOf(one),
            watermark: watermarks.get(ordered.model)?.watermark ?? null,
            lag: CANNOT_RUN.has(action) || !watermarks.has(ordered.model) ? null : lag,
            lastRunAt: states.get(ordered.model)?.last_run_at ?? null,
            milliseconds: states.get(ordered.model)?.milliseconds ?? null,
            warning: followed.stop?.error.message ?? followed.warning,
        };
    });
}

function stateOf({ ordered, action, reason }: PlannedModel): string {
    const isHeld = action === 'stopped' || action === 'held';
    return ordered.waitsFor !== null ? `waiting: ${ordered.waitsFor}` : isHeld ? `${action}: ${reason}` : reason;
}

function printTables(
    output: Output,
    tables: ReturnType<typeof stagedTables>,
    models: ReturnType<typeof modelStates>,
): void {
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
}

/** `_seq 4: stg_orders column "extra" added (bigint)`. */
function driftText(drift: DriftRow): string {
    const types = [drift.was, drift.now].filter((type) => type !== null).join(' to ');
    const column = drift.column_name === null ? '' : ` column "${drift.column_name}"`;
    return escapeControls(`  _seq ${drift._seq}: ${drift.staging_table}${column} ${drift.kind} (${types})`);
}
