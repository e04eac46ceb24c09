import { EltError } from '../core/errors.ts';
import { lastPosition } from '../ledger/loads.ts';
import { verifyStaging } from '../load/verify-staging.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { grouped } from '../report/text-table.ts';
import { integrityFaults } from '../sqlite/read-tables.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import { type VerifiedModels, verifyModels } from '../transform/verify-models.ts';
import type { RunCommand } from './command.ts';
import { refuseStops } from './transform.ts';

export const verify: RunCommand = async ({ settings, output }) => {
    return await withMigrated(settings, {}, async (database) => {
        const integrity = integrityFaults(database);
        output.print(
            integrity.length === 0 ? 'ok      the file: integrity_check' : `WRONG   the file: ${integrity[0]}`,
        );
        refuseDamaged(settings.db, integrity);
        const staging = verifyStaging(database);
        for (const fault of staging) {
            output.print(
                `WRONG   ${fault.stagingTable}, load ${fault.loadId}: ${grouped(fault.foundRows)} rows, ` +
                    `${grouped(fault.expectedRows)} in the ledger${fault.differs ? '; their content differs' : ''}`,
            );
        }
        if (staging.length === 0) {
            output.print('ok      staging: rows and content match the ledger');
        }
        const { models, stops }: VerifiedModels =
            staging.length > 0
                ? { models: [], stops: [] }
                : await withGenerator(() =>
                      verifyModels(database, readProjectFiles(sqlFolder(settings), settings.pipeline)),
                  );
        for (const model of models) {
            const counts = model.isSame
                ? `${grouped(model.rows)} rows`
                : `${grouped(model.rows)} rows, from scratch ${grouped(model.rowsFromScratch)}`;
            output.print(`${model.isSame ? 'ok   ' : 'WRONG'}   ${model.model.replaceAll('\n', '\\n')}: ${counts}`);
        }
        for (const { facts } of stops) {
            output.print(`STOPPED ${facts.message}`);
        }
        output.result({
            position: lastPosition(database),
            integrity,
            staging,
            models,
            stops: stops.map(({ facts: { code, message } }) => ({ code, message })),
        });
        refuseStaging(staging.map((fault) => `${fault.stagingTable} of load ${fault.loadId}`));
        refuseModels(models.filter((model) => !model.isSame).map((model) => model.model));
        refuseStops(stops.map((stop) => stop.withNew({ state: 'verify changes nothing' })));
        return 0;
    });
};

function refuseDamaged(file: string, faults: readonly string[]): void {
    if (faults.length > 0) {
        throw new EltError({
            code: 'DATABASE_DAMAGED',
            message: `"${file}" is damaged`,
            found: faults.slice(0, 5).join('\n'),
            next: 'restore a backup, or load the sources into a new file',
        });
    }
}

function refuseStaging(names: readonly string[]): void {
    if (names.length > 0) {
        throw new EltError({
            code: 'STAGING_DAMAGED',
            message: 'staged rows do not match the ledger',
            found: names.join(', '),
            state: 'verify changes nothing',
            next: 'restore a backup, or load the sources into a new database file',
        });
    }
}

function refuseModels(names: readonly string[]): void {
    if (names.length > 0) {
        throw new EltError({
            code: 'MODEL_WRONG',
            message: `models differ from their definition: ${names.join(', ')}`,
            found: 'rows that differ from the same model filled from scratch',
            state: 'verify changes nothing',
            next: '"elt rebuild" fills them from scratch, until the next change: if no row was edited by hand, its upkeep misses keys of a table that it reads',
        });
    }
}
