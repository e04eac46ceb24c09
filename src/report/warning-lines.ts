import { isNotWritten } from '../transform/marts/follow-mart.ts';

/** What is said of a model that is not a failure. */
interface Warned {
    readonly model: string;
    readonly warning: string | null;
}

/** Names that a line lists. */
const NAMED_MAX = 5;

/** Warnings: files older than the stream's columns, edited files that lack columns. One line for all unwritten files. */
export function warningLines(models: readonly Warned[]): readonly string[] {
    const unwritten = models.filter(({ model, warning }) => isNotWritten(warning, model));
    const told = unwritten.length < 2 ? models : models.filter((one) => !unwritten.includes(one));
    const lines = told.flatMap(({ warning }) => (warning === null ? [] : [`note: ${warning}`]));
    return unwritten.length < 2 ? lines : [...lines, `note: ${unwrittenText(unwritten.map(({ model }) => model))}`];
}

function unwrittenText(names: readonly string[]): string {
    const more = names.length - NAMED_MAX;
    const listed = more > 1 ? [...names.slice(0, NAMED_MAX), `${more} more`] : names;
    const all = `${listed.slice(0, -1).join(', ')} and ${listed.at(-1)}`;
    return `the upkeep of ${all} is not written yet: the run uses what "elt scaffold --all" would write`;
}
