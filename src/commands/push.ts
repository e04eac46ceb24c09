import { listenForInterrupt } from '../process/interrupt.ts';
import { withMigrated } from '../project/open-database.ts';
import type { WantedPush } from '../push/declared-targets.ts';
import { Pusher } from '../push/pusher.ts';
import type { Output } from '../report/output.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { counted, grouped } from '../report/text-table.ts';
import type { RunCommand } from './command.ts';
import { failureOf, printResult, resultFacts } from './print-pushes.ts';
import { pushOnAndOn, waitForDatabase } from './push-follow.ts';
import { printComparisons } from './push-verify.ts';
import { wantedPushes } from './push-words.ts';

export const push: RunCommand = async (context, words) => {
    const { settings, output, options } = context;
    const wanted = wantedPushes(context, words);
    if (options.follow === true) {
        await waitForDatabase(settings.db);
    }
    return await withMigrated(settings, {}, async (database) => {
        const pusher = new Pusher(database);
        const interrupt = listenForInterrupt();
        const progress = new ProgressLine(output.showsProgress);
        try {
            if (options.follow === true) {
                return await pushOnAndOn(database, pusher, { context, words, interrupt });
            }
            if (options.dryRun === true) {
                return await printDryRun(pusher, wanted, options.full === true, output);
            }
            const begins = ({ mart }: WantedPush) => {
                return async (rows: number): Promise<void> => {
                    progress.draw(() => `${mart}  ${grouped(rows)} rows`);
                    await interrupt.check('the target is as it was, or has taken a part in; pushing again is safe');
                };
            };
            if (options.verify === true) {
                return await printComparisons(pusher, wanted, begins, output);
            }
            const results = await pusher.push(wanted, { isFull: options.full === true, skipsUpToDate: false, begins });
            progress.clear();
            for (const result of results) {
                printResult(result, output);
            }
            output.result({ pushes: results.map(resultFacts) });
            const failure = failureOf(results, output);
            if (failure !== undefined) {
                throw failure;
            }
            return results.some((result) => 'pushed' in result && result.pushed.rejects.length > 0) ? 4 : 0;
        } finally {
            progress.clear();
            interrupt.dispose();
            await pusher.close();
        }
    });
};

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
