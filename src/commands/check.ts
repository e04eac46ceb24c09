import { ERROR_CODES } from '../core/error-codes.ts';
import { EltError, escapeControls } from '../core/errors.ts';
import type { Finding } from '../ledger/finding.ts';
import { findLimits } from '../ledger/stream-limits.ts';
import { withSample } from '../load/sample-database.ts';
import { readProjectFiles } from '../project/model-files.ts';
import { withMigrated } from '../project/open-database.ts';
import { hasNoPipeline, type Settings, settingsOf, sqlFolder } from '../project/settings.ts';
import { slowFigures } from '../query/slow-figures.ts';
import type { Output } from '../report/output.ts';
import type { Database } from '../sqlite/database.ts';
import { foldSample } from '../transform/current/fold-sample.ts';
import { type MartFinding, martFindings } from '../transform/marts/mart-findings.ts';
import { withGenerator } from '../transform/marts/with-generator.ts';
import { planTransform } from '../transform/plan/plan-transform.ts';
import { zonedDates } from '../transform/zoned-dates.ts';
import type { CommandContext, RunCommand } from './command.ts';

export const check: RunCommand = async (context, words) => {
    const { settings, output } = context;
    const { findings, marts } =
        words.length === 0
            ? await withMigrated(settings, { readonly: true }, async (database) => {
                  const { inFiles, ofMarts } = await findInFiles(database, settings);
                  return { findings: [...findLimits(database), ...inFiles], marts: ofMarts };
              })
            : await withSample(settingsOfSources(context), words, async (database) => {
                  foldSample(database);
                  return { findings: findLimits(database), marts: [] };
              });
    const slow =
        words.length === 0
            ? await withMigrated(settings, { readonly: true }, async (database) =>
                  slowFigures(database, sqlFolder(settings), settings.pipeline),
              )
            : [];
    for (const finding of [...findings, ...slow]) {
        for (const line of findingLines(finding)) {
            output.print(escapeControls(line));
        }
    }
    if (findings.length === 0) {
        output.print('nothing found: the stream contains everything');
    }
    for (const { subject, finding, fix } of marts) {
        output.printLines([`${subject}: ${finding}`, `    fix   ${fix}`].map(escapeControls));
    }
    output.result({ findings, slowFigures: slow, marts });
    // Marts are no part of a stream, and how long a figure takes depends on the machine: both are advice, and a scheduler
    // does not end with a status for them.
    return context.options.strict === true ? strictStatus(findings.length, output) : 0;
};

interface InFiles {
    readonly inFiles: readonly Finding[];
    readonly ofMarts: readonly MartFinding[];
}

/** What the SQL files make of what has landed; where a file is wrong, what is wrong with it. */
async function findInFiles(database: Database, settings: Settings): Promise<InFiles> {
    try {
        const files = readProjectFiles(sqlFolder(settings), settings.pipeline);
        const { planned } = await withGenerator(() => planTransform(database, files, { select: [], rebuild: false }));
        const ofMarts = planned.flatMap(({ ordered, upkeep }) => {
            const file = files.models.find(({ name }) => name === ordered.model)?.definition?.file;
            return upkeep === undefined || file === undefined ? [] : martFindings(file, upkeep.how);
        });
        return { inFiles: zonedDates(database, planned), ofMarts };
    } catch (error) {
        if (error instanceof EltError && error.exitStatus === 6) {
            const { where, message, found, next } = error.facts;
            const finding = `${message}${error.code === 'MART_REFUSED' || found === undefined ? '' : ` (${found})`}`;
            const wrong = { subject: where ?? 'sql/', finding, fix: next ?? 'see "elt transform"', isInHow: false };
            return { inFiles: [], ofMarts: [wrong] };
        }
        throw error;
    }
}

/** A capture can be checked before there is a pipeline for it. */
function settingsOfSources({ settings, options }: CommandContext): Settings {
    const project = typeof options.project === 'string' ? options.project : undefined;
    const [pipeline] = Array.isArray(options.pipeline) ? (options.pipeline as string[]) : [];
    return hasNoPipeline({ pipeline, project })
        ? settingsOf({ pipeline: 'sample', project: project ?? '.' })
        : settings;
}

/** 0, or 4 with a note on standard error if there are findings: for a scheduler, or before a capture is trusted. */
function strictStatus(count: number, output: Output): number {
    if (count === 0) {
        return 0;
    }
    output.note(`CHECK_FOUND: ${count} ${count === 1 ? 'finding' : 'findings'}; each says what to fix at the source`);
    return ERROR_CODES.CHECK_FOUND.status;
}

function findingLines(finding: Finding): readonly string[] {
    return [`${finding.subject}: ${finding.finding}`, `    lost  ${finding.lost}`, `    fix   ${finding.fix}`];
}
