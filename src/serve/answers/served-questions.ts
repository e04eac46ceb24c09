import { join } from 'node:path';
import { EltError } from '../../core/errors.ts';
import { type Question, questionNames, readQuestionFile, routeOfWrongFile } from '../../query/question.ts';
import { type QuestionRoute, routeShape } from '../../query/question-route.ts';
import { matchRoute } from '../http/match-route.ts';
import { currentTurn } from './event-loop-turn.ts';
import { fileStamp } from './file-stamp.ts';

/** A file of a pipeline's folder `api/`, as it was last read. */
export interface ServedQuestion {
    readonly pipeline: string;
    readonly name: string;
    /** The file's name as it is shown. */
    readonly file: string;
    /** From the file, also where that is wrong elsewhere, or from its last version that was right; null: not served. */
    readonly route: QuestionRoute | null;
    /** Null if the file cannot be read now; `error` then says why. */
    readonly question: Question | null;
    readonly error: unknown;
}

interface Entry extends ServedQuestion {
    readonly path: string;
    readonly stamp: string;
}

/**
 * The questions of all pipelines, by route. Files are checked for changes at each request, so an edit is served at
 * once; a file that cannot be read is an error only for its own route.
 */
export class ServedQuestions {
    readonly #sqlFolder: string;
    readonly #pipelines: readonly string[];
    readonly #entries = new Map<string, Entry>();
    readonly #folderStamps = new Map<string, string>();
    /** The turn of the last check, and the files found unchanged in it. */
    #lookedIn = -1;
    readonly #looked = new Set<string>();

    constructor(sqlFolder: string, pipelines: readonly string[]) {
        this.#sqlFolder = sqlFolder;
        this.#pipelines = pipelines;
        this.#refresh();
    }

    /** Every question, in the order in which the pipelines were named. */
    all(): readonly ServedQuestion[] {
        this.#refresh();
        return [...this.#entries.values()];
    }

    /** The question that answers a path, given as its words. */
    find(
        words: readonly string[],
    ): { readonly served: ServedQuestion; readonly values: ReadonlyMap<string, string> } | null {
        if (this.#lookedIn !== currentTurn()) {
            this.#lookedIn = currentTurn();
            this.#looked.clear();
            if (this.#pipelines.some((pipeline) => this.#folderStamps.get(pipeline) !== this.#folderStamp(pipeline))) {
                this.#refresh();
            }
        }
        const found = this.#match(words);
        if (
            found !== null &&
            (this.#looked.has(found.served.path) || fileStamp(found.served.path) === found.served.stamp)
        ) {
            this.#looked.add(found.served.path);
            return found;
        }
        this.#refresh();
        return this.#match(words);
    }

    /** @throws EltError ROUTE_CLASH for two questions that would answer the same requests. */
    refuseClashes(): void {
        const byShape = new Map<string, Entry>();
        for (const entry of this.#entries.values()) {
            const shape = entry.route === null ? null : routeShape(entry.route);
            const other = shape === null ? undefined : byShape.get(shape);
            if (other !== undefined) {
                throw new EltError({
                    code: 'ROUTE_CLASH',
                    message: `two questions have the route "${entry.route?.path}"`,
                    where: `${other.file} and ${entry.file}`,
                    state: 'nothing is served',
                    next: 'change the route of one, or serve only one of the pipelines',
                });
            }
            if (shape !== null) {
                byShape.set(shape, entry);
            }
        }
    }

    #match(words: readonly string[]): { readonly served: Entry; readonly values: ReadonlyMap<string, string> } | null {
        let best: { readonly served: Entry; readonly values: ReadonlyMap<string, string> } | null = null;
        for (const served of this.#entries.values()) {
            const values = served.route === null ? null : matchRoute(served.route, words);
            // A fixed word takes precedence over a parameter; among equals the first one wins.
            if (values !== null && (best === null || values.size < best.values.size)) {
                best = { served, values };
            }
        }
        return best;
    }

    #refresh(): void {
        const present = new Set<string>();
        for (const pipeline of this.#pipelines) {
            this.#folderStamps.set(pipeline, this.#folderStamp(pipeline));
            for (const name of questionNames(this.#sqlFolder, pipeline)) {
                const key = `${pipeline}/${name}`;
                present.add(key);
                const path = join(this.#sqlFolder, pipeline, 'api', `${name}.sql`);
                const before = this.#entries.get(key);
                if (before === undefined || before.stamp !== fileStamp(path)) {
                    this.#entries.set(key, readEntry(this.#sqlFolder, { pipeline, name, path }, before));
                }
            }
        }
        for (const key of [...this.#entries.keys()].filter((one) => !present.has(one))) {
            this.#entries.delete(key);
        }
    }

    #folderStamp(pipeline: string): string {
        return fileStamp(join(this.#sqlFolder, pipeline, 'api'));
    }
}

type EntryPlace = Pick<Entry, 'pipeline' | 'name' | 'path'>;

function readEntry(sqlFolder: string, place: EntryPlace, before: Entry | undefined): Entry {
    const { pipeline, name, path } = place;
    const stamp = fileStamp(path);
    try {
        const question = readQuestionFile(sqlFolder, pipeline, name);
        return { ...place, file: question.file, stamp, question, route: question.route, error: null };
    } catch (error) {
        const file = `sql/${pipeline}/api/${name}.sql`;
        const route = routeOfWrongFile(sqlFolder, pipeline, name) ?? before?.route ?? null;
        return { ...place, file, stamp, question: null, route, error };
    }
}
