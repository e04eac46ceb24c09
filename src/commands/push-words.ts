import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { sqlFolder } from '../project/settings.ts';
import { declaredTargets, modelOfMart, type UnsetTarget, type WantedPush } from '../push/declared-targets.ts';
import { targetAddress } from '../push/target-address.ts';
import { counted } from '../report/text-table.ts';
import type { CommandContext } from './command.ts';

/** What the words of the command name: marts with `--to`, else the targets in the heads. */
export function wantedPushes({ settings, options }: CommandContext, words: readonly string[]): readonly WantedPush[] {
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
    unset: readonly UnsetTarget[],
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
