import { once } from 'node:events';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { refuseUnknownPipeline, sqlFolder } from '../project/settings.ts';
import { ENGINES, type Engine } from '../scale/dialects/dialect.ts';
import { HOPS_FIRST, HOPS_MAX } from '../scale/fold/fold-names.ts';
import { type EngineProject, printForDuckdb, printForPostgres, printForSpark } from '../scale/print-engine.ts';
import type { Database } from '../sqlite/database.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import type { RunCommand } from './command.ts';
import { wholeNumber } from './whole-number.ts';

export const print: RunCommand = async ({ settings, options }) => {
    refuseUnknownPipeline(settings);
    const engine = engineOf(options.engine);
    const run = { lake: lakeOf(engine, options.lake), hops: hopsOf(options.hops), isFull: options.full === true };
    return await withMigrated(settings, { readonly: true }, async (database) => {
        const folder = sqlFolder(settings);
        const files = readProjectFiles(folder, settings.pipeline);
        const project = { sqlFolder: folder, pipeline: settings.pipeline, files };
        await write(await withGenerator(() => printFor(database, project, engine, run)));
        return 0;
    });
};

function printFor(
    database: Database,
    project: EngineProject,
    engine: Engine,
    run: Parameters<typeof printForDuckdb>[2],
): Iterable<string> {
    switch (engine) {
        case 'postgres':
            return printForPostgres(database, project, run.hops);
        case 'duckdb':
            return printForDuckdb(database, project, run);
        default:
            return printForSpark(database, project, engine, run);
    }
}

export function hopsOf(given: unknown): number {
    return given === undefined ? HOPS_FIRST : wholeNumber(given, '--hops', 1, HOPS_MAX);
}

/** The engine that a command names. @throws EltError COMMAND_WRONG */
export function engineOf(given: unknown, among: readonly Engine[] = ENGINES): Engine {
    const engine = among.find((one) => one === given);
    if (engine === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: given === undefined ? 'an engine must be named' : `this command has no engine "${String(given)}"`,
            found:
                given === undefined
                    ? `engines: ${among.join(', ')}`
                    : didYouMeanOrList(String(given), among, 'engines'),
            next: 'name one with --engine',
        });
    }
    return engine;
}

/** The lake that an engine reads; PostgreSQL reads no Parquet, and gets the rows with the script. */
function lakeOf(engine: Engine, given: unknown): string {
    if (engine === 'postgres' ? given !== undefined : typeof given !== 'string') {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message:
                engine === 'postgres'
                    ? 'PostgreSQL reads no lake'
                    : `${engine} reads the staged rows from a lake, which must be named`,
            found: engine === 'postgres' ? '--lake; the staged rows are printed with the script' : 'no --lake',
            next:
                engine === 'postgres'
                    ? 'leave --lake out'
                    : 'push one with "elt lake push --to DIR", and name it with --lake DIR',
        });
    }
    return String(given ?? '');
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
