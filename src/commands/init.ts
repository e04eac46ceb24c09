import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EltError } from '../errors.ts';
import { type Settings, settingsOf } from '../settings.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { scaffoldRelations } from './scaffold.ts';
import { withSample } from './temporary-database.ts';

const FOLDERS = ['current', 'marts', 'views', 'tests'] as const;

export const init: RunCommand = async (context, words) => {
    const name = words[0] ?? '';
    const { output, options } = context;
    // A new pipeline is made here, not in the installed package.
    const project = typeof options.project === 'string' ? options.project : '.';
    const settings = settingsOf({ pipeline: name, project, db: undefined });
    refuseExisting(settings);
    const folder = join(settings.project, 'sql', name);
    for (const one of FOLDERS) {
        mkdirSync(join(folder, one), { recursive: true });
    }
    mkdirSync(join(settings.project, 'migrations', name), { recursive: true });
    writeFileSync(join(folder, 'README.md'), readme(name));
    output.print(`written    sql/${name}/README.md`);
    const files = await scaffolded({ ...context, settings }, options.from);
    output.print('');
    output.print(`next: read sql/${name}/README.md`);
    output.result({ pipeline: name, files: [`sql/${name}/README.md`, ...files] });
    return 0;
};

async function scaffolded(context: CommandContext, from: unknown): Promise<readonly string[]> {
    if (typeof from !== 'string') {
        return [];
    }
    return await withSample(context, [from], async (database) =>
        scaffoldRelations(context, database, { words: [], all: true }).map((written) => written.file),
    );
}

function refuseExisting(settings: Settings): void {
    const folder = join(settings.project, 'sql', settings.pipeline);
    if (existsSync(folder)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `there is a pipeline "${settings.pipeline}" already`,
            where: folder,
            state: 'nothing was changed',
            next: 'give another name, or "elt scaffold --all" for its current tables',
        });
    }
}

function readme(name: string): string {
    return `# Pipeline ${name}

- \`elt --pipeline ${name} run FILE\` migrates \`${name}.db\`, lands the file and runs the SQL files here.
- \`current/\` one file a table: its latest rows. Written by \`elt --pipeline ${name} scaffold --all\` from what has landed.
- \`marts/\` what you publish: a file \`NAME.sql\` that fills the table \`NAME\`. The shortest way:
  \`create table if not exists NAME (…) strict; delete from NAME; insert into NAME select … from current_…;\`
- \`views/\` a file a view. \`tests/\` data tests \`NAME__what_is_wrong.sql\`: a SELECT of bad rows.
- \`../../migrations/${name}/0001_….sql\` for tables that must outlive an edit of their file.
- \`sqlite3 ${name}.db\` shows everything; \`elt --pipeline ${name} status\` what is behind.
`;
}
