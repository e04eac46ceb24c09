import { applyPending, migrationsOf, migratorOf, withDatabase } from '../project/open-database.ts';
import { textTable } from '../report/text-table.ts';
import { migrationStatus } from '../sqlite/migrations/migration-state.ts';
import type { RunCommand } from './command.ts';

export const migrateUp: RunCommand = async ({ settings, output }) => {
    return await withDatabase(settings, { create: true }, async (database) => {
        const applied = await applyPending(database, settings);
        for (const name of applied) {
            output.print(`applied  ${name}`);
        }
        if (applied.length === 0) {
            output.print('nothing to migrate');
        }
        output.result({ applied });
        return 0;
    });
};

export const migrateStatus: RunCommand = async ({ settings, output }) => {
    return await withDatabase(settings, { readonly: true }, async (database) => {
        const migrations = migrationStatus(database, migrationsOf(settings));
        const rows = migrations.map((migration) => [migration.name, migration.state, migration.appliedAt]);
        output.printLines(textTable(['migration', 'state', 'applied at'], rows));
        output.result({ migrations });
        return 0;
    });
};

export const migrateDown: RunCommand = async ({ settings, output, options }) => {
    return await withDatabase(settings, {}, async (database) => {
        const to = options.to;
        const migrator = await migratorOf(database, settings);
        const undone = await migrator.down(typeof to === 'string' ? to : undefined);
        for (const name of undone) {
            output.print(`undone   ${name}`);
        }
        if (undone.length === 0) {
            output.print('nothing to undo');
        }
        output.result({ undone });
        return 0;
    });
};
