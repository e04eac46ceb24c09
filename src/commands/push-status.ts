import { EltError } from '../core/errors.ts';
import { forgetTarget, hasPushes, readRejectsOf, readTargets } from '../ledger/pushes.ts';
import { withMigrated } from '../project/open-database.ts';
import { countTouched, touchedTable, untrack } from '../push/touched-keys.ts';
import { counted, grouped, textTable } from '../report/text-table.ts';
import { type Database, inTransaction } from '../sqlite/database.ts';
import { tableExists } from '../sqlite/read-tables.ts';
import type { RunCommand } from './command.ts';

/** How far each target is; reads the database only. */
export const pushStatus: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const targets = (hasPushes(database) ? readTargets(database) : []).map((target) => ({
            mart: target.mart,
            target: target.target,
            behind: keysBehind(database, target.mart, target.position),
            rejected: readRejectsOf(database, target.target_id).length,
            pushedAt: target.pushed_at,
            error: target.error,
            failures: target.failures,
            failedAt: target.failed_at,
        }));
        output.result({ targets });
        if (targets.length === 0) {
            output.print('no mart is pushed anywhere');
            return 0;
        }
        const rows = targets.map(({ mart, target, behind, rejected, pushedAt, error, failures }) => [
            mart,
            target,
            behind === null ? 'all rows' : counted(behind, 'key'),
            grouped(rejected),
            pushedAt ?? 'never',
            error === null ? '' : `${counted(failures, 'failure')}, ${error}`,
        ]);
        output.printLines(textTable(['mart', 'target', 'behind', 'rejected', 'pushed at', 'last error'], rows));
        return 0;
    });
};

/** Keys that a target has not taken in; null: all rows are to be sent. */
function keysBehind(database: Database, mart: string, position: number | null): number | null {
    const row = database.prepare('select key, since from elt_push_marts where mart = ?').get(mart) as
        | { readonly key: string; readonly since: number }
        | undefined;
    if (row === undefined || position === null || position < row.since || !tableExists(database, touchedTable(mart))) {
        return null;
    }
    return countTouched(database, { mart, key: JSON.parse(row.key) as string[] }, position);
}

/** The documents that targets have refused. */
export const pushRejects: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const rejects = (hasPushes(database) ? readTargets(database) : []).flatMap(({ mart, target, target_id: id }) =>
            readRejectsOf(database, id).map((reject) => ({ mart, target, ...reject })),
        );
        output.result({ rejects });
        if (rejects.length === 0) {
            output.print('no target has refused anything');
            return 0;
        }
        const rows = rejects.map(({ mart, target, key, status, reason }) => [
            mart,
            target,
            key,
            String(status),
            reason,
        ]);
        output.printLines(textTable(['mart', 'target', 'key', 'status', 'reason'], rows));
        return 0;
    });
};

/** Forgets a target, and with the last one of a mart what its changes cost. The target keeps its rows. */
export const pushForget: RunCommand = async ({ settings, output, options }, words) => {
    return await withMigrated(settings, {}, async (database) => {
        const [mart = ''] = words;
        const known = hasPushes(database) ? readTargets(database, mart) : [];
        const chosen = options.to === undefined ? known : known.filter(({ target }) => target === String(options.to));
        if (chosen.length === 0) {
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: `"${mart}" is not pushed there`,
                found: known.length === 0 ? 'it is pushed nowhere' : known.map(({ target }) => target).join('\n'),
                state: 'nothing was changed',
                next: 'see "elt push status"',
            });
        }
        inTransaction(database, () => {
            for (const { target_id: id } of chosen) {
                forgetTarget(database, id);
            }
            if (readTargets(database, mart).length === 0) {
                untrack(database, mart);
            }
        });
        for (const { target } of chosen) {
            output.print(`forgot  ${mart} to ${target}: it keeps its rows`);
        }
        output.result({ forgotten: chosen.map(({ target }) => ({ mart, target })) });
        return 0;
    });
};
