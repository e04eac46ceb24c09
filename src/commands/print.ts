import { once } from 'node:events';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { refuseUnknownPipeline, sqlFolder } from '../project/settings.ts';
import { ENGINES, type Engine } from '../scale/dialects/dialect.ts';
import { printForPostgres } from '../scale/print-engine.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { RunCommand } from './command.ts';

export const print: RunCommand = async ({ settings, options }) => {
    refuseUnknownPipeline(settings);
    engineOf(options.engine);
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const folder = sqlFolder(settings);
        const files = readProjectFiles(folder, settings.pipeline);
        const project = { sqlFolder: folder, pipeline: settings.pipeline, files };
        await write(await withGenerator(() => printForPostgres(database, project)));
        return 0;
    });
};

function engineOf(given: unknown): Engine {
    const engine = ENGINES.find((one) => one === given);
    if (engine === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `there is no engine "${String(given)}"`,
            found: didYouMeanOrList(String(given), ENGINES, 'engines'),
            next: 'name one with --engine',
        });
    }
    return engine;
}

/** Waits for a reader that is slower. */
async function write(texts: Iterable<string>): Promise<void> {
    let piece = '';
    for (const text of texts) {
        piece += text;
        if (piece.length >= PIECE_CHARACTERS) {
            await flush(piece);
            piece = '';
        }
    }
    await flush(piece);
}

const PIECE_CHARACTERS = 1 << 16;

async function flush(text: string): Promise<void> {
    if (!process.stdout.write(text)) {
        await once(process.stdout, 'drain');
    }
}
