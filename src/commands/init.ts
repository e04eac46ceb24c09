import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { fileError } from '../core/file-error.ts';
import type { LoadResult } from '../load/load-source.ts';
import { isServer } from '../load/postgres/source-words.ts';
import { withSample } from '../load/sample-database.ts';
import { makeFolder } from '../process/make-folder.ts';
import { refuseLinkOut } from '../process/within-folder.ts';
import { type Settings, settingsOf } from '../project/settings.ts';
import { quoteName } from '../sql/quote.ts';
import type { Database } from '../sqlite/database.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { initFromServer } from './init-from-server.ts';
import { scaffoldRelations } from './scaffold.ts';
import { writeFirstMart } from './write-first-mart.ts';

const FOLDERS = ['upkeep', 'marts', 'views', 'tests'] as const;

export const init: RunCommand = async (context, words) => {
    const name = words[0] ?? '';
    const { output, options } = context;
    // A new pipeline is created here, not in the installed package.
    const project = typeof options.project === 'string' ? options.project : '.';
    const settings = settingsOf({ pipeline: name, project, db: undefined });
    refuseExisting(settings);
    const inPipeline = { ...context, settings };
    const files = await written(inPipeline, typeof options.from === 'string' ? options.from : undefined);
    output.print('');
    output.print(`next: read sql/${name}/README.md`);
    output.result({ pipeline: name, files: [`sql/${name}/README.md`, ...files] });
    return 0;
};

/** The source is read first: if that fails, no folder is in the way of the next try. */
async function written(context: CommandContext, from: string | undefined): Promise<readonly string[]> {
    if (from === undefined) {
        return await begin(context, readme, async () => []);
    }
    if (isServer(from)) {
        return await initFromServer(context, from, (write) => begin(context, readmeOfServer, write));
    }
    return await withSample(context.settings, [from], async (database, loads) => {
        return await begin(context, readme, async () => scaffolded(context, database, loads));
    });
}

/** Creates the folders and what `write` puts into them, or nothing. */
async function begin(
    { settings, output }: CommandContext,
    readmeOf: (pipeline: string) => string,
    write: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
    const { pipeline, project } = settings;
    const [folder, migrations] = [join(project, 'sql', pipeline), join(project, 'migrations', pipeline)];
    const hadMigrations = existsSync(migrations);
    refuseLinkOut(project, folder);
    refuseLinkOut(project, migrations);
    try {
        for (const one of FOLDERS) {
            makeFolder(join(folder, one));
        }
        makeFolder(migrations);
        writeFileSync(join(folder, 'README.md'), readmeOf(pipeline));
        output.print(`written    sql/${pipeline}/README.md`);
        return await write();
    } catch (error) {
        for (const made of hadMigrations ? [folder] : [folder, migrations]) {
            rmSync(made, { recursive: true, force: true });
        }
        if (error instanceof EltError) {
            throw error.withNew({ state: 'the folders of the pipeline were removed again' });
        }
        throw fileError(error, folder, 'nothing was created');
    }
}

async function scaffolded(
    context: CommandContext,
    database: Database,
    loads: readonly LoadResult[],
): Promise<readonly string[]> {
    const { output, settings, options } = context;
    const rejected = loads.reduce((sum, one) => sum + one.rejected, 0);
    if (rejected > 0) {
        output.note(
            `${rejected} of the sample could not be decoded: "elt --pipeline ${settings.pipeline} run ${options.from}" rejects them with the reason`,
        );
    }
    const written = scaffoldRelations(context, database, { words: [], all: true, isSample: true });
    if (written.length === 0) {
        output.note('the sample contains no change of a table: there are no current tables to create');
    }
    const mart = await writeFirstMart(context, database, {
        sizeOf: ({ stagingTable }) => changesOf(database, stagingTable),
        commentOf: () => undefined,
    });
    return [...written.map(({ file }) => file), ...mart];
}

function changesOf(database: Database, stagingTable: string): number {
    return database
        .prepare(`select count(*) from ${quoteName(stagingTable)}`)
        .pluck()
        .get() as number;
}

function refuseExisting(settings: Settings): void {
    const folder = join(settings.project, 'sql', settings.pipeline);
    if (existsSync(folder)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the pipeline "${settings.pipeline}" already exists`,
            where: folder,
            state: 'nothing was changed',
            next: 'choose another name, or write its current tables with "elt scaffold --all"',
        });
    }
}

function readme(name: string): string {
    return `# Pipeline ${name}

- \`elt --pipeline ${name} run FILE\` migrates \`${name}.db\`, lands the file and runs the SQL files here.
- \`upkeep/\` \`current_TABLE.sql\` for each table: its latest rows. Written by \`elt --pipeline ${name} scaffold --all\` from what has landed.
${folders(name)}`;
}

function readmeOfServer(name: string): string {
    return `# Pipeline ${name}

- \`elt --pipeline ${name} source check\` reports what would prevent following the server, with the SQL that fixes it; it changes nothing. The server is the one that \`ELT_SOURCE\` or \`PGHOST\` and its like name, or a \`postgres://…\` behind the command.
- \`elt --pipeline ${name} follow\` migrates \`${name}.db\`, copies the tables, and lands and transforms each change as it is committed.
- \`pipeline.sql\` which tables are followed, and what happens when they change.
- \`upkeep/\` \`current_TABLE.sql\` for each table: its latest rows. Written by \`elt --pipeline ${name} scaffold --all\`.
${folders(name)}`;
}

function folders(name: string): string {
    return `- \`marts/\` what you publish: a file \`NAME.sql\` with a head (\`-- row: …\`, \`-- key: …\`) and one SELECT; \`elt\` keeps the table \`NAME\` equal to it.
- \`views/\` one file per view. \`tests/\` data tests \`NAME__what_is_wrong.sql\`: a SELECT of bad rows; cases \`MART.case.sql\`: rows given, rows expected.
- \`../../migrations/${name}/0001_….sql\` for tables that must outlive an edit of their file.
- \`sqlite3 ${name}.db\` shows everything; \`elt --pipeline ${name} status\` shows what is out of date.
`;
}
