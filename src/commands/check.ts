import { escapeControls } from '../core/errors.ts';
import { type Finding, findLimits } from '../ledger/stream-limits.ts';
import { withSample } from '../load/sample-database.ts';
import { withMigrated } from '../project/open-database.ts';
import type { RunCommand } from './command.ts';

export const check: RunCommand = async (context, words) => {
    const { settings, output } = context;
    const findings =
        words.length === 0
            ? await withMigrated(settings, { readonly: true }, async (database) => findLimits(database))
            : await withSample(context.settings, words, async (database) => findLimits(database));
    for (const finding of findings) {
        for (const line of findingLines(finding)) {
            output.print(escapeControls(line));
        }
    }
    if (findings.length === 0) {
        output.print('nothing found: the stream contains everything');
    }
    output.result({ findings });
    return 0;
};

function findingLines(finding: Finding): readonly string[] {
    return [`${finding.subject}: ${finding.finding}`, `    lost  ${finding.lost}`, `    fix   ${finding.fix}`];
}
