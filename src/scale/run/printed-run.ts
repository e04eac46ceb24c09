import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../../core/errors.ts';
import { lakeFolder } from '../../lake/manifest.ts';
import { type BegunRun, type PublishedRun, publishRun, type RunTable } from '../../lake/published-runs.ts';
import { DONE } from '../print/print-spark.ts';

/** What a printed run says of itself at its end, in its folder. */
export interface DoneRun {
    readonly engine: string;
    readonly wholeSeq: Readonly<Record<string, number>>;
    readonly tables: readonly RunTable[];
    /** The run that was current when it was printed. */
    readonly before: string | null;
}

/**
 * Publishes a run of a printed script.
 * @throws EltError RUN_UNFINISHED where it has not come to its end; what `publishRun` throws.
 */
export async function publishPrinted(lake: string, pipeline: string, run: string): Promise<PublishedRun> {
    const folder = join(lakeFolder(lake, pipeline), 'runs', run);
    const done = readDone(folder, run);
    const begun: BegunRun = { lake, pipeline, run, folder, before: done.before };
    return await publishRun(begun, done);
}

function readDone(folder: string, run: string): DoneRun {
    const below = join(folder, DONE);
    const names = existsSync(below) ? readdirSync(below).filter((name) => /^[^._].*\.json$/.test(name)) : [];
    const texts = names.map((name) => readFileSync(join(below, name), 'utf8').trim()).filter((text) => text !== '');
    const [text] = texts;
    if (text === undefined) {
        throw new EltError({
            code: 'RUN_UNFINISHED',
            message: `the run ${run} has not come to its end`,
            where: folder,
            found: existsSync(folder) ? `no ${DONE} in it: a statement or a data test has failed` : 'no such folder',
            state: 'nothing was published: readers see what they saw before',
            next: 'look at what the engine has said, print a new run and run it',
        });
    }
    return JSON.parse((JSON.parse(text) as { readonly done: string }).done) as DoneRun;
}
