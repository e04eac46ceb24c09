import type { EltError } from '../core/errors.ts';
import type { WantedPush } from '../push/declared-targets.ts';
import type { Compared, Pusher, PushOptions } from '../push/pusher.ts';
import { refuseUnequal } from '../push/target-errors.ts';
import type { Output } from '../report/output.ts';
import { counted, durationText, grouped } from '../report/text-table.ts';

/** Compares marts with their targets. @throws EltError PUSH_DIFFERENT for the first that differs, after all. */
export async function printComparisons(
    pusher: Pusher,
    wanted: readonly WantedPush[],
    begins: PushOptions['begins'],
    output: Output,
): Promise<number> {
    let first: EltError | null = null;
    const results: Compared[] = [];
    for (const one of wanted) {
        const began = performance.now();
        const compared = await pusher.compare(one, begins(one));
        results.push(compared);
        const { mart, target, rows, ranges, examples } = compared;
        if (examples.length === 0) {
            const time = durationText(performance.now() - began);
            const cut = `${counted(rows, 'row')} in ${counted(ranges.length, 'key range')}`;
            output.print(`equal  ${mart} and ${target}: ${cut} (${time})`);
            continue;
        }
        output.print(`differ  ${mart} and ${target}: ${sumsText(compared)}`);
        output.printLines(differingRanges(compared).map((line) => `    ${line}`));
        output.printLines(examples.map((example) => `    ${example}`));
        first ??= refuseUnequal(target, mart, sumsText(compared));
    }
    output.result({ compared: results });
    if (first !== null) {
        throw first;
    }
    return 0;
}

function sumsText({ rows, targetRows, missing, surplus, different }: Compared): string {
    return `${counted(rows, 'row')} here, ${grouped(targetRows)} there; ${grouped(missing)} missing there, ${grouped(surplus)} surplus, ${grouped(different)} different`;
}

function differingRanges({ ranges }: Compared): readonly string[] {
    return ranges
        .filter(({ checksum, targetChecksum }) => checksum !== targetChecksum)
        .map((range) => {
            const here = `${counted(range.rows, 'row')}, checksum ${range.checksum} here`;
            const there = `${counted(range.targetRows, 'row')}, checksum ${range.targetChecksum} there`;
            return `keys ${range.from} to ${range.to}: ${here}; ${there}`;
        });
}
