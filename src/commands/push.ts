import { EltError, renderError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { sqlFolder } from '../project/settings.ts';
import { declaredTargets, modelOfMart, type WantedPush } from '../push/declared-targets.ts';
import { Pusher, type PushResult } from '../push/pusher.ts';
import { targetAddress } from '../push/target-address.ts';
import type { Output } from '../report/output.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { counted, durationText, grouped } from '../report/text-table.ts';
import type { CommandContext, RunCommand } from './command.ts';

export const push: RunCommand = async (context, words) => {
    const { settings, output, options } = context;
    const wanted = wantedPushes(context, words);
    return await withMigrated(settings, {}, async (database) => {
        const pusher = new Pusher(database);
        const interrupt = listenForInterrupt();
        const progress = new ProgressLine(output.showsProgress);
        try {
            if (options.dryRun === true) {
                return await printDryRun(pusher, wanted, options.full === true, output);
            }
            const results = await pusher.push(wanted, {
                isFull: options.full === true,
                skipsUpToDate: false,
                begins: ({ mart }) => {
                    return async (rows) => {
                        progress.draw(() => `${mart}  ${grouped(rows)} rows`);
                        await interrupt.check('the target is as it was, or has taken a part in; pushing again is safe');
                    };
                },
            });
            progress.clear();
            return reportResults(results, output);
        } finally {
            progress.clear();
            interrupt.dispose();
            await pusher.close();
        }
    });
};

/** What the words of the command name: marts with `--to`, else the targets in the heads. */
function wantedPushes({ settings, options }: CommandContext, words: readonly string[]): readonly WantedPush[] {
    const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
    const to = options.to === undefined ? [] : [options.to].flat().map(String);
    if ((words.length === 0) !== (options.all === true) || (to.length > 0 && words.length !== 1)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'it is not clear what is to be pushed where',
            found: `${counted(words.length, 'mart')}, ${counted(to.length, 'target')}${options.all === true ? ', --all' : ''}`,
            state: 'nothing was pushed',
            next: 'name one mart with --to, or marts whose heads say "-- push:", or --all for every such mart',
        });
    }
    if (to.length > 0) {
        const [mart] = words as [string];
        return to.map((text) => ({ mart, model: modelOfMart(files, mart), address: targetAddress(text, mart) }));
    }
    const { wanted, unset } = declaredTargets(files, options.all === true ? null : words);
    for (const mart of words) {
        refuseUndeclared(
            mart,
            wanted,
            unset,
            files.models.map(({ name }) => name),
        );
    }
    return wanted;
}

function refuseUndeclared(
    mart: string,
    wanted: readonly WantedPush[],
    unset: readonly { readonly mart: string; readonly variable: string }[],
    names: readonly string[],
): void {
    if (wanted.some((one) => one.mart === mart)) {
        return;
    }
    const missing = unset.find((one) => one.mart === mart);
    throw new EltError({
        code: names.includes(mart) ? 'COMMAND_WRONG' : 'MODEL_UNKNOWN',
        message: names.includes(mart) ? `"${mart}" has no target` : `there is no mart "${mart}"`,
        found: missing === undefined ? didYouMeanOrList(mart, names, 'models') : `${missing.variable} is not set`,
        state: 'nothing was pushed',
        next: 'name a target with --to, or in the head of the mart: -- push: postgres://host/database/schema.table',
    });
}

async function printDryRun(
    pusher: Pusher,
    wanted: readonly WantedPush[],
    isFull: boolean,
    output: Output,
): Promise<number> {
    const looks = [];
    for (const one of wanted) {
        const look = await pusher.look(one, isFull);
        const rows = look.touched === null ? 'all rows' : counted(look.touched, 'key');
        output.print(`would push  ${look.mart} to ${look.target}: ${rows}`);
        output.printLines(look.state.steps.flatMap((step) => `${step};`.split('\n')).map((line) => `    ${line}`));
        looks.push({ mart: look.mart, target: look.target, keys: look.touched, ...look.state });
    }
    output.result({ wouldPush: looks });
    return 0;
}

/** Prints what was pushed and what was not; the status is that of the first failure. */
export function reportResults(results: readonly PushResult[], output: Output): number {
    for (const result of results) {
        printResult(result, output);
    }
    output.result({ pushes: results.map(resultText) });
    const failures = results.flatMap((result) => ('error' in result ? [result.error] : []));
    for (const failure of failures.slice(1)) {
        output.note(renderError(failure));
    }
    if (failures[0] !== undefined) {
        throw failures[0];
    }
    return results.some((result) => 'pushed' in result && result.pushed.rejects.length > 0) ? 4 : 0;
}

export function printResult(result: PushResult, output: Output): void {
    if ('pushed' in result) {
        const { written, deleted, rejects, milliseconds, isWhole } = result.pushed;
        const refused = rejects.length === 0 ? '' : `, ${grouped(rejects.length)} refused`;
        const how = isWhole ? ', compared as a whole' : '';
        output.print(
            `pushed  ${result.mart} to ${result.target}: ${counted(written, 'row')} written, ${grouped(deleted)} deleted${refused}${how} (${durationText(milliseconds)})`,
        );
    } else if ('error' in result) {
        output.print(`failed  ${result.mart} to ${result.target}: ${result.error.code}`);
    }
}

function resultText(result: PushResult) {
    const { mart, target } = result;
    if ('pushed' in result) {
        const { written, deleted, rejects, isWhole, position, milliseconds } = result.pushed;
        return { mart, target, written, deleted, rejected: rejects.length, whole: isWhole, position, milliseconds };
    }
    return 'error' in result ? { mart, target, error: result.error.code } : { mart, target, upToDate: true };
}
