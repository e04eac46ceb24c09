import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EltError } from '../core/errors.ts';
import { checkLake, type LakeDamage } from '../lake/check-lake.ts';
import { type LakeManifest, readManifests } from '../lake/manifest.ts';
import { type SharedKeys, sharedKeys } from '../lake/shared-keys.ts';
import { hasLakes, readLakes } from '../ledger/lakes.ts';
import { listenForInterrupt } from '../process/interrupt.ts';
import { withMigrated } from '../project/open-database.ts';
import { ProgressLine } from '../report/progress-line.ts';
import { bytesText, counted, textTable } from '../report/text-table.ts';
import type { Database } from '../sqlite/database.ts';
import type { CommandContext, RunCommand } from './command.ts';

export const lakeStatus: RunCommand = async (context) => {
    const { settings, output } = context;
    const { lake, own } = await lakeAndOwn(context);
    const sources = readManifests(lake, settings.pipeline).map((manifest) => ({
        ...sizes(manifest),
        // Only of its own source a database knows how much more there is.
        behind: own?.writer === manifest.writer ? own.wholeSeq - manifest.wholeSeq : null,
        pushedAt: manifest.pushedAt,
        misfits: manifest.tables.flatMap(({ staging, columns }) =>
            columns.flatMap(({ name, misfit }) =>
                misfit === null ? [] : [{ column: `${staging}.${name}`, ...misfit }],
            ),
        ),
    }));
    output.result({ lake, sources });
    const rows = sources.map(({ source, tables, parts, rows, bytes, wholeSeq, behind, pushedAt }) => [
        source,
        tables,
        parts,
        rows,
        bytesText(bytes),
        wholeSeq,
        behind === null ? '' : counted(behind, 'change'),
        pushedAt,
    ]);
    const heads = ['source', 'tables', 'parts', 'rows', 'size', 'up to _seq', 'behind', 'pushed at'];
    output.printLines(textTable(heads, rows));
    for (const { column, type, seq, value } of sources.flatMap(({ misfits }) => misfits)) {
        output.print(`${column} is not ${type} because of ${value} (_seq ${seq})`);
    }
    return 0;
};

export const lakeCheck: RunCommand = async (context) => {
    const { settings, output } = context;
    const { lake } = await lakeAndOwn(context);
    const interrupt = listenForInterrupt();
    const progress = new ProgressLine(output.showsProgress);
    try {
        const breathe = async (file: string): Promise<void> => {
            progress.draw(() => file);
            await interrupt.check('nothing was changed');
        };
        const checked = await checkLake(lake, settings.pipeline, breathe);
        // Keys can be read only where the files can.
        const shared = checked.damaged.length === 0 ? await sharedKeys(lake, settings.pipeline, breathe) : NO_KEYS;
        progress.clear();
        const { files, bytes, unnamed, damaged } = checked;
        output.result({ lake, ...checked, shared: shared.first });
        if (unnamed.length > 0) {
            output.print(
                `${counted(unnamed.length, 'file')} that no manifest names: the next push removes ${unnamed.length === 1 ? 'it' : 'them'}`,
            );
        }
        refuseDamaged(lake, damaged);
        refuseShared(lake, shared);
        output.print(`ok  ${counted(files, 'part')}, ${bytesText(bytes)}: each is what its manifest says`);
        return 0;
    } finally {
        progress.clear();
        interrupt.dispose();
    }
};

function refuseDamaged(lake: string, damaged: readonly LakeDamage[]): void {
    const shown = damaged.slice(0, 10).map(({ file, found }) => `${file}: ${found}`);
    if (damaged.length > 0) {
        throw new EltError({
            code: 'LAKE_DAMAGED',
            message: `${counted(damaged.length, 'file')} of "${lake}" ${damaged.length === 1 ? 'is' : 'are'} not what was written`,
            found: [...shown, ...(damaged.length > shown.length ? ['…'] : [])].join('\n'),
            state: 'nothing was changed',
            next: 'restore the files; or write their source anew from its database: "elt lake push --anew"',
        });
    }
}

const NO_KEYS: SharedKeys = { count: 0, first: [] };

function refuseShared(lake: string, { count, first }: SharedKeys): void {
    const shown = first.map(
        ({ staging, columns, key, sources }) => `${staging} (${columns}) ${key}: ${sources.join(', ')}`,
    );
    if (count > 0) {
        throw new EltError({
            code: 'LAKE_SHARED_KEY',
            message: `${counted(count, 'key')} of "${lake}" ${count === 1 ? 'is' : 'are'} in more than one source`,
            found: [...shown, ...(count > shown.length ? ['…'] : [])].join('\n'),
            state: 'nothing was changed',
            next: 'let the sources have keys of their own, by a column more in the key; or remove the folder of one source',
        });
    }
}

function sizes({ source, wholeSeq, tables }: LakeManifest) {
    const parts = tables.flatMap((table) => table.parts);
    return {
        source,
        wholeSeq,
        tables: tables.length,
        parts: parts.length,
        rows: parts.reduce((sum, part) => sum + part.rows, 0),
        bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    };
}

/** The folder that the words name, else the only one that this database knows. */
export function lakeOf({ options }: CommandContext, database: Database | undefined): string {
    const given = options.to ?? options.from;
    if (given !== undefined) {
        return resolve(String(given));
    }
    const known = database !== undefined && hasLakes(database) ? readLakes(database) : [];
    const [only] = known;
    if (only === undefined || known.length > 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'no lake is named',
            found: known.length === 0 ? 'nothing was pushed before' : known.map(({ lake }) => lake).join('\n'),
            next: 'name its folder with --to, or --from where marts are pulled',
        });
    }
    return only.lake;
}

/** The lake; and what this database could push there, if there is a database. */
async function lakeAndOwn(context: CommandContext): Promise<{
    readonly lake: string;
    readonly own: { readonly writer: string | undefined; readonly wholeSeq: number } | undefined;
}> {
    if (!existsSync(context.settings.db)) {
        return { lake: lakeOf(context, undefined), own: undefined };
    }
    return await withMigrated(context.settings, { readonly: true }, async (database) => ({
        lake: lakeOf(context, database),
        own: {
            writer: database.prepare('select origin from elt_push_origin').pluck().get() as string | undefined,
            wholeSeq: database.prepare('select whole_seq from elt_stream').pluck().get() as number,
        },
    }));
}
