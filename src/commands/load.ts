import { parseSize, SIZE_FORM } from '../core/byte-size.ts';
import { EltError } from '../core/errors.ts';
import { lastPosition } from '../ledger/loads.ts';
import type { LoadResult } from '../load/load-source.ts';
import { type LoadObserver, type LoadRequest, loadSources } from '../load/load-sources.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { withMigrated } from '../project/open-database.ts';
import { loadLines, loadNotes } from '../report/load-report.ts';
import type { Output } from '../report/output.ts';
import { loadProgress, ProgressLine } from '../report/progress-line.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { namesTopics, refuseSeveral } from './names-topics.ts';

/** How often a pipe that is never quiet is committed. */
const PIPE_COMMIT_MS = 5_000;

export const load: RunCommand = async (context, words) => {
    if (words.some(namesTopics)) {
        refuseSeveral(words);
        const { followTopics } = await import('./follow-topics.ts');
        return await followTopics(context, words[0] as string, { untilEnd: true, onlyLands: true });
    }
    const request = loadRequest(context);
    return await withMigrated(context.settings, {}, async (database) => {
        const interrupt = listenForInterrupt();
        try {
            const pause = { everyMs: PIPE_COMMIT_MS, work: async () => undefined };
            const loads = await loadSources(
                database,
                words,
                { ...request, interrupt, pause },
                loadObserver(context.output),
            );
            context.output.result({ position: lastPosition(database), loads });
            return loadStatus(loads, context.output);
        } finally {
            interrupt.dispose();
        }
    });
};

/** The load that the options of `elt load` and `elt run` request. */
export function loadRequest({ options, settings }: CommandContext): Omit<LoadRequest, 'interrupt'> {
    return {
        settings,
        asNew: options.asNew === true,
        strict: options.strict === true,
        isStream: options.stream === true,
        table: options.table === undefined ? undefined : String(options.table),
        recordBytesMax: options.recordMax === undefined ? undefined : recordBytesOf(String(options.recordMax)),
    };
}

/** Longer ones are not read at all: V8 ends at texts of twice the length. */
const RECORD_BYTES_LIMIT = 256 * 1024 * 1024;

function recordBytesOf(text: string): number {
    const bytes = parseSize(text);
    if (bytes === null || bytes > RECORD_BYTES_LIMIT) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${text}" is not the size of a record`,
            found: `expected ${SIZE_FORM}; at most 256MiB`,
            state: 'nothing was landed',
            next: 'correct --record-max',
        });
    }
    return bytes;
}

/** Prints each source's summary as it ends, and its progress until then. */
export function loadObserver(output: Output): LoadObserver {
    return {
        note: (text) => output.note(text),
        begins: ({ name, sizeBytes }) => {
            const line = new ProgressLine(output.showsProgress);
            const started = performance.now();
            return {
                update: (bytes, changes) =>
                    line.draw(() => loadProgress(name, bytes, sizeBytes, changes, performance.now() - started)),
                clear: () => line.clear(),
            };
        },
        landed: (result) => {
            for (const line of loadLines(result)) {
                output.print(line);
            }
            for (const line of loadNotes(result)) {
                output.note(line);
            }
        },
    };
}

/** 0, or 4 with a note on standard error if records were rejected. */
export function loadStatus(loads: readonly LoadResult[], output: Output): number {
    const rejected = loads.reduce((sum, one) => sum + one.rejected, 0);
    if (rejected === 0) {
        return 0;
    }
    output.note(
        `RECORDS_REJECTED: ${rejected} could not be decoded and were put aside; look at them with "elt rejects"`,
    );
    return 4;
}
