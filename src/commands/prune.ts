import { readProjectFiles } from '../project/model-files.ts';
import { migrationsOf, withMigrated } from '../project/open-database.ts';
import { refuseUnknownPipeline, sqlFolder } from '../project/settings.ts';
import { dropOrphans, orphans } from '../transform/loose-ends.ts';
import type { RunCommand } from './command.ts';

/** Drops what files that are gone have filled: tables of migrations and of other files stay. */
export const prune: RunCommand = async ({ settings, output, options }) => {
    refuseUnknownPipeline(settings);
    return await withMigrated(settings, {}, async (database) => {
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const found = orphans(
            database,
            files,
            migrationsOf(settings).map(({ sql }) => sql),
        );
        if (options.dryRun !== true) {
            dropOrphans(database, found);
        }
        const [verb, forgets] =
            options.dryRun === true ? ['would be dropped', 'would be forgotten'] : ['dropped', 'forgot'];
        for (const { model, objects, file, targets } of found) {
            output.print(`${verb}  ${objects.join(', ')}: ${file} is gone`);
            for (const target of targets) {
                output.print(`${forgets}  ${model} to ${target}: it keeps its rows`);
            }
        }
        if (found.length === 0) {
            output.print('nothing to drop: every table and view has its file');
        }
        output.result({ dropped: options.dryRun === true ? [] : found, found });
        return 0;
    });
};
