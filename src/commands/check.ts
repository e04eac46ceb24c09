import { escapeControls } from '../core/errors.ts';
import { type Finding, findLimits } from '../ledger/stream-limits.ts';
import { withSample } from '../load/sample-database.ts';
import type { RunCommand } from './command.ts';
import { withMigrated } from './open.ts';

export const check: RunCommand = async (context, words) => {
    const { settings, output } = context;
    const findings =
        words.length === 0
            ? await withMigrated(settings, { readonly: true }, async (database) => findLimits(database))
            : await withSample(context, words, async (database) => findLimits(database));
    for (const finding of findings) {
        for (const line of findingLines(finding)) {
            output.print(escapeControls(line));
        }
    }
    output.print(findings.length === 0 ? 'nothing found that the stream does not tell' : '');
    output.result({ findings });
    return 0;
};

function findingLines(finding: Finding): readonly string[] {
    return [`${finding.subject}: ${finding.finding}`, `    lost  ${finding.lost}`, `    mend  ${finding.mend}`];
}
