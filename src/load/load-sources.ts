import type { Source } from '../capture/source/source.ts';
import { EltError } from '../core/errors.ts';
import { readSource, type SourceRow } from '../ledger/sources.ts';
import { withTiersFor } from '../process/compiler-tiers.ts';
import type { Interrupt } from '../process/interrupt.ts';
import { declaredShape } from '../project/declared-source.ts';
import { readPipelineSettings } from '../project/pipeline-settings.ts';
import { readDeclaredSources } from '../project/read-declared-sources.ts';
import { type Settings, sqlFolder } from '../project/settings.ts';
import type { Database } from '../sqlite/database.ts';
import { currentColumns, refuseClaimedName } from './claimed-names.ts';
import { declareTables } from './declare-tables.ts';
import { useFirstLoadJournal } from './first-load-journal.ts';
import { landingPolicy } from './landing-policy.ts';
import { type LoadResult, loadSource } from './load-source.ts';
import { namedSources } from './named-sources.ts';
import type { PipePause } from './pipe-pauses.ts';

export interface LoadRequest {
    readonly settings: Settings;
    /** Land a source although the ledger knows it. */
    readonly asNew?: boolean;
    /** Stop at the first record that cannot be decoded. */
    readonly strict?: boolean;
    /** All sources hold rows of this table. */
    readonly table?: string | undefined;
    /** All sources are change streams, whatever their names. */
    readonly isStream?: boolean;
    /** A longer record, change or row is put aside. */
    readonly recordBytesMax?: number | undefined;
    readonly interrupt: Interrupt;
    /** Called at the end of each batch of a list of batches, when it is committed. */
    readonly afterBatch?: ((batch: number) => Promise<void>) | undefined;
    /** What is done while a pipe is quiet, or at least so often, when what has come is committed. */
    readonly pause?: PipePause | undefined;
}

/** Receives the notes and the progress of a load. */
export interface LoadObserver {
    readonly note: (text: string) => void;
    /** A source begins; returns what shows its progress. */
    readonly begins: (source: Source) => LoadProgressView;
    readonly landed: (result: LoadResult) => void;
}

interface LoadProgressView {
    /** `bytes` taken from the disk, `changes` landed so far. */
    update(bytes: number, changes: number): void;
    clear(): void;
}

/** Lands the sources that `words` name, one after the other. What landed before an error stays. */
export async function loadSources(
    database: Database,
    words: readonly string[],
    request: LoadRequest,
    observer: LoadObserver,
): Promise<LoadResult[]> {
    const folder = sqlFolder(request.settings);
    const { pipeline } = request.settings;
    const declared = readDeclaredSources(folder, pipeline);
    const settings = readPipelineSettings(folder, pipeline);
    const policy = landingPolicy(settings);
    declareTables(
        database,
        declared.map((source) => declaredShape(source)),
        policy,
    );
    const named = await namedSources(words, declared, request, observer.note);
    for (const rows of new Set(named.flatMap((one) => one.rows ?? []))) {
        refuseClaimedName(folder, pipeline, rows);
    }
    const followed = readSource(database);
    const sizes = named.map(({ source }) => source.sizeBytes);
    useFirstLoadJournal(database, sizes);
    return await withTiersFor(sizes, async (landed) => {
        const results: LoadResult[] = [];
        for (const { source, rows } of named) {
            if (followed !== null && rows === undefined && request.asNew !== true) {
                throw followsServer(source, followed);
            }
            const progress = observer.begins(source);
            try {
                const result = await loadSource(database, source, {
                    asNew: request.asNew === true,
                    strict: request.strict === true,
                    settings,
                    recordBytesMax: request.recordBytesMax,
                    interrupt: request.interrupt,
                    progress: (bytes, changes) => {
                        landed(changes);
                        progress.update(bytes, changes);
                    },
                    ...(rows === undefined
                        ? {}
                        : { rows: { rows, expected: rows.isCopy ? currentColumns(folder, pipeline, rows) : [] } }),
                    ...(request.afterBatch === undefined ? {} : { afterBatch: request.afterBatch }),
                    ...(request.pause === undefined ? {} : { pause: request.pause }),
                });
                progress.clear();
                results.push(result);
                observer.landed(result);
            } finally {
                progress.clear();
            }
        }
        return results;
    });
}

/** A server sends each change once. A file of the same stream would repeat some of them, which nothing could detect. */
function followsServer(source: Source, { name, slot }: SourceRow): EltError {
    return new EltError({
        code: 'SOURCE_FOLLOWED',
        message: `"${source.name}" cannot be loaded: the database follows a server`,
        found: `${name}, slot ${slot}`,
        state: 'nothing of it was landed',
        next: 'load it into another database; if it is the stream of another server, load it with --as-new',
    });
}
