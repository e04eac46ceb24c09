import { type EltError, renderError } from '../core/errors.ts';
import type { PushResult } from '../push/pusher.ts';
import type { Output } from '../report/output.ts';
import { counted, durationText, grouped } from '../report/text-table.ts';

/** One line for people; nothing for a target that had everything. */
export function pushLine(result: PushResult): string | null {
    const way = `${result.mart} to ${result.target}`;
    if ('pushed' in result) {
        const { written, deleted, rejects, milliseconds, isWhole } = result.pushed;
        const refused = rejects.length === 0 ? '' : `, ${grouped(rejects.length)} refused`;
        const how = isWhole ? ', compared as a whole' : '';
        const counts = `${counted(written, 'row')} written, ${grouped(deleted)} deleted${refused}${how}`;
        return `pushed  ${way}: ${counts} (${durationText(milliseconds)})`;
    }
    return 'error' in result ? `failed  ${way}: ${result.error.code}` : null;
}

export function printResult(result: PushResult, output: Output): void {
    const line = pushLine(result);
    if (line !== null) {
        output.print(line);
    }
}

/** What `--json` says of a push. */
export function resultFacts(result: PushResult) {
    const { mart, target } = result;
    if ('pushed' in result) {
        const { written, deleted, rejects, isWhole, position, milliseconds } = result.pushed;
        return { mart, target, written, deleted, rejected: rejects.length, whole: isWhole, position, milliseconds };
    }
    return 'error' in result ? { mart, target, error: result.error.code } : { mart, target, upToDate: true };
}

/** The first error, to be thrown; those after it are printed. */
export function failureOf(results: readonly PushResult[], output: Output): EltError | undefined {
    const [first, ...others] = results.flatMap((result) => ('error' in result ? [result.error] : []));
    for (const other of others) {
        output.note(renderError(other));
    }
    return first;
}
