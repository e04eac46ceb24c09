import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EltError } from '../core/errors.ts';
import { didYouMeanOrList } from '../core/nearest-name.ts';

/** The pipeline, file and folder of a command: from options, else `ELT_DB`, `ELT_PIPELINE`, `ELT_PROJECT`, else defaults. */
export interface Settings {
    /** The only one of the project by default; reading it throws `COMMAND_WRONG` where there is none, or several. */
    readonly pipeline: string;
    /** The database file; `<pipeline>.db` by default. */
    readonly db: string;
    /** The folder that holds `sql/` and `migrations/`. */
    readonly project: string;
}

interface SettingsOptions {
    readonly pipeline?: string | undefined;
    readonly db?: string | undefined;
    readonly project?: string | undefined;
}

/** Nothing is looked up before it is read: a command that needs no pipeline runs where there is none, or several. */
export function settingsOf(options: SettingsOptions, environment: NodeJS.ProcessEnv = process.env): Settings {
    const given = options.project ?? nonEmpty(environment.ELT_PROJECT);
    const db = options.db ?? nonEmpty(environment.ELT_DB);
    const named = options.pipeline ?? nonEmpty(environment.ELT_PIPELINE);
    let pipeline = named === undefined ? undefined : validName(named);
    return {
        get pipeline() {
            pipeline ??= validName(onlyPipeline(resolve(given ?? '.', 'sql')));
            return pipeline;
        },
        get db() {
            return db ?? `${this.pipeline}.db`;
        },
        get project() {
            // One that is not named is looked for here.
            return resolve(given ?? (named === undefined ? '.' : defaultProject(this.pipeline)));
        },
    };
}

/** None is named, and there is none here: before `elt init`. */
export function hasNoPipeline(options: SettingsOptions, environment: NodeJS.ProcessEnv = process.env): boolean {
    const named = options.pipeline ?? nonEmpty(environment.ELT_PIPELINE);
    const project = options.project ?? nonEmpty(environment.ELT_PROJECT) ?? '.';
    return named === undefined && pipelinesIn(resolve(project, 'sql')).length === 0;
}

function validName(pipeline: string): string {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(pipeline)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `"${pipeline}" is not a valid name for a pipeline`,
            found: 'expected letters, digits, "_", "-" and ".": it is the name of a folder in sql/',
            next: 'name a pipeline with --pipeline',
        });
    }
    return pipeline;
}

/** The pipelines that come with elt run only where they are named: a demo must not take a person's files in. */
function onlyPipeline(folder: string): string {
    const names = pipelinesIn(folder);
    const [only] = names;
    if (only !== undefined && names.length === 1) {
        return only;
    }
    const bundled = pipelinesIn(join(packageFolder(), 'sql')).join(', ');
    throw new EltError({
        code: 'COMMAND_WRONG',
        message:
            only === undefined
                ? 'no pipeline is named, and there is none here'
                : 'no pipeline is named, and there are several',
        where: folder,
        found: only === undefined ? `pipelines that come with elt: ${bundled}` : `pipelines here: ${names.join(', ')}`,
        state: 'nothing was changed',
        next: `name one with --pipeline or ELT_PIPELINE${only === undefined ? ', or create one with "elt init"' : ''}`,
    });
}

function pipelinesIn(folder: string): readonly string[] {
    const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
    return entries.flatMap((entry) => (entry.isDirectory() && !entry.name.startsWith('.') ? [entry.name] : [])).sort();
}

export function sqlFolder(settings: Settings): string {
    return join(settings.project, 'sql');
}

/** The folders of migrations; those of the control tables come with elt unless the project has its own copy. */
export function migrationFolders(settings: Settings): { readonly control: string; readonly own: string } {
    const own = join(settings.project, 'migrations');
    return { control: existsSync(join(own, 'control')) ? own : join(packageFolder(), 'migrations'), own };
}

/** A database is only created for a pipeline that exists: a misspelt name must not leave a file. */
export function refuseUnknownPipeline(settings: Settings): void {
    const folder = join(sqlFolder(settings), settings.pipeline);
    if (existsSync(folder) || existsSync(join(settings.project, 'migrations', settings.pipeline))) {
        return;
    }
    const names = existsSync(sqlFolder(settings)) ? readdirSync(sqlFolder(settings)) : [];
    throw new EltError({
        code: 'PROJECT_MISSING',
        message: `there is no pipeline "${settings.pipeline}"`,
        where: folder,
        found: didYouMeanOrList(settings.pipeline, names, 'pipelines here'),
        state: 'nothing was changed',
        next: 'name a pipeline with --pipeline, the project with --project, or create one with "elt init"',
    });
}

/** The current folder if it is a project, else the package with the pipelines that come with elt. */
function defaultProject(pipeline: string): string {
    const isHere = existsSync(join('sql', pipeline)) || (existsSync('sql') && existsSync('migrations'));
    return isHere ? '.' : packageFolder();
}

/** elt's own folder: the nearest one above this module (in `dist/` or `src/project/`) with a `package.json`. */
export function packageFolder(): string {
    let folder = dirname(fileURLToPath(import.meta.url));
    while (!existsSync(join(folder, 'package.json'))) {
        if (folder === dirname(folder)) {
            throw new Error(`elt is not whole: no package.json above ${import.meta.dirname}`);
        }
        folder = dirname(folder);
    }
    return folder;
}

/** The version in elt's `package.json`. */
export function packageVersion(): string {
    const text = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
    return (JSON.parse(text) as { readonly version: string }).version;
}

function nonEmpty(text: string | undefined): string | undefined {
    return text === undefined || text === '' ? undefined : text;
}
