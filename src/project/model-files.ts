import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EltError } from '../core/errors.ts';
import { textHash } from '../sql/normalise.ts';
import { refuseForbidden } from '../sql/refuse-forbidden.ts';
import { type SqlStatement, singleSelect, splitStatements } from '../sql/statements.ts';
import { type HeaderEntry, type HeaderKey, headerValue, parseHeader } from './file-head.ts';
import { type MartDefinition, readDefinition } from './mart-definition.ts';
import { migratedTables } from './migrated-tables.ts';
import { CASE_ENDING, isForEngine, readOptionalSqlFile, readSqlFile, sqlFileNames } from './sql-files.ts';

/** A SQL file whose statements are run: it fills a table (folders `upkeep`, `marts`, …) or creates a view (`views`). */
export interface ModelFile {
    /** The file's name; in the folder `current` with `current_` before it. */
    readonly name: string;
    readonly kind: 'current' | 'view' | 'mart';
    /** The file's name as it is shown, `sql/payments/marts/metrics.sql`. */
    readonly file: string;
    readonly text: string;
    readonly head: readonly HeaderEntry[];
    readonly statements: readonly SqlStatement[];
    /** Hash of the text without comments and layout. */
    readonly hash: string;
    /** Of a mart of one SELECT; then the text is that of its upkeep file, and empty while there is none. */
    readonly definition: MartDefinition | undefined;
}

/** A data test: one SELECT of bad rows. */
export interface TestFile {
    /** `<model>__<bad_thing>`. */
    readonly name: string;
    readonly model: string;
    readonly file: string;
    readonly text: string;
    /** `changed`: reads only what the last run touched; always runs. `all`: for first runs, rebuilds and `elt test`. */
    readonly scope: 'changed' | 'all';
    readonly statement: SqlStatement;
}

export interface ProjectFiles {
    readonly models: readonly ModelFile[];
    readonly tests: readonly TestFile[];
    /** Names, in lower case, of the tables that the pipeline's migrations create. */
    readonly migratedTables: () => ReadonlySet<string>;
    /** Upkeep files whose mart is gone. */
    readonly leftUpkeep: readonly string[];
}

/** A pipeline whose first file is yet to be written. */
export const NO_FILES: ProjectFiles = { models: [], tests: [], migratedTables: () => new Set(), leftUpkeep: [] };

/** What the head of a model's file may say. */
export const MODEL_KEYS: readonly HeaderKey[] = [
    { name: 'row' },
    { name: 'relation' },
    { name: 'key' },
    { name: 'why' },
    { name: 'scaffold' },
    { name: 'chosen' },
    { name: 'earlier', repeatable: true },
    { name: 'retyped' },
    { name: 'change', repeatable: true },
    { name: 'column', repeatable: true },
    { name: 'in_full', values: ['never', 'allowed'] },
    { name: 'upkeep' },
    { name: 'how' },
    { name: 'push', repeatable: true },
    { name: 'push_type', repeatable: true },
];
const TEST_KEYS: readonly HeaderKey[] = [{ name: 'why' }, { name: 'scope', values: ['changed', 'all'] }];

/** What `elt scaffold` writes: `current_<table>.sql`, and `<mart>.sql` for each mart of one SELECT. */
export const UPKEEP = 'upkeep';
/** Where it wrote current tables before, as `<table>.sql`. */
export const OLD_CURRENT = 'current';

/** Folders whose files are not models. */
const NOT_MODELS = new Set(['tests', 'api', 'dashboard', 'sources']);

/** Reads `sql/<pipeline>/`: every model and data test, in order of folder and name. */
export function readProjectFiles(sqlFolder: string, pipeline: string): ProjectFiles {
    const folder = join(sqlFolder, pipeline);
    if (!existsSync(folder)) {
        throw new EltError({
            code: 'PROJECT_MISSING',
            message: `there is no pipeline "${pipeline}"`,
            where: folder,
            found: existsSync(sqlFolder) ? `pipelines here: ${readdirSync(sqlFolder).join(', ')}` : 'no folder sql/',
            next: 'name a pipeline with --pipeline, or the project with --project',
        });
    }
    const folders = readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort();
    const models = folders
        .filter((name) => !NOT_MODELS.has(name))
        .flatMap((name) => modelFileNames(folder, name).map((file) => readModel(sqlFolder, pipeline, name, file)));
    refuseDuplicates(models);
    const names = new Set(models.map((model) => model.name));
    const tests = sqlFileNames(join(folder, 'tests'))
        .filter((file) => !file.endsWith(CASE_ENDING) && !isForEngine(file))
        .map((file) => readTest(sqlFolder, pipeline, file, names));
    const marts = new Set(
        models.flatMap(({ name, definition }) => (definition === undefined ? [] : [encodeFileName(name)])),
    );
    const left = sqlFileNames(join(folder, UPKEEP)).filter((file) => !isOfCurrent(file) && !marts.has(file));
    return {
        models,
        tests,
        migratedTables: () => migratedTables(join(dirname(sqlFolder), 'migrations', pipeline)),
        leftUpkeep: left.map((file) => `sql/${pipeline}/${UPKEEP}/${file}`),
    };
}

/** The files of a folder that are models; in `upkeep` those of current tables, the others belong to their marts. */
function modelFileNames(pipelineFolder: string, folder: string): readonly string[] {
    const names = sqlFileNames(join(pipelineFolder, folder)).filter((name) => !isForEngine(name));
    return folder === UPKEEP ? names.filter(isOfCurrent) : names;
}

function isOfCurrent(fileName: string): boolean {
    return fileName.startsWith('current_');
}

/** A model from its text: the file's own, or what `elt scaffold` would write now. */
export function modelOf(
    name: string,
    kind: ModelFile['kind'],
    file: string,
    text: string,
    definition?: MartDefinition,
): ModelFile {
    return lazily({ name, kind, file, text, head: parseHeader(text, file, MODEL_KEYS), definition });
}

/** The same model where the statements of its text are known, and need not be looked for. */
export function withStatements(model: ModelFile, statements: readonly SqlStatement[]): ModelFile {
    const { name, kind, file, text, head, definition } = model;
    return lazily({ name, kind, file, text, head, definition }, statements);
}

/** A command that finds the text in the stored order need not parse it. */
function lazily(facts: Omit<ModelFile, 'statements' | 'hash'>, known?: readonly SqlStatement[]): ModelFile {
    let statements = known;
    let hash: string | undefined;
    return {
        ...facts,
        get statements() {
            statements ??= allowedStatements(facts.text, facts.file);
            return statements;
        },
        get hash() {
            hash ??= textHash(facts.text);
            return hash;
        },
    };
}

/** What a person has written above a mart: of one SELECT in its own file, not in that of its upkeep. */
export function headOfMart({ head, definition }: ModelFile): readonly HeaderEntry[] {
    return definition === undefined ? head : parseHeader(definition.text, definition.file, MODEL_KEYS);
}

function allowedStatements(text: string, file: string): readonly SqlStatement[] {
    const statements = splitStatements(text, file);
    refuseForbidden(statements, file);
    return statements;
}

/** The file name for a table whose name is empty. */
const NO_NAME = '%';

/** The name that a file's name encodes; scaffolded files are named by the same rule. */
export function decodeFileName(file: string): string {
    const encoded = basename(file, '.sql');
    return encoded === NO_NAME
        ? ''
        : encoded.replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

export function encodeFileName(name: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is encoded
    const encoded = name.replace(/[%/\\:*?"<>|\u0000-\u001f]|^\./g, (character) => {
        return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
    });
    return `${encoded || NO_NAME}.sql`;
}

function readModel(sqlFolder: string, pipeline: string, folder: string, fileName: string): ModelFile {
    const { file, text } = readSqlFile(sqlFolder, pipeline, `${folder}/${fileName}`);
    const name = `${folder === OLD_CURRENT ? 'current_' : ''}${decodeFileName(fileName)}`;
    const isCurrent = folder === OLD_CURRENT || folder === UPKEEP;
    const kind = isCurrent ? 'current' : folder === 'views' ? 'view' : 'mart';
    const definition = kind === 'mart' ? readDefinition(text, file, parseHeader(text, file, MODEL_KEYS)) : undefined;
    if (definition === undefined) {
        return modelOf(name, kind, file, text);
    }
    const upkeep = readOptionalSqlFile(sqlFolder, pipeline, `${UPKEEP}/${fileName}`);
    return modelOf(name, kind, `sql/${pipeline}/${UPKEEP}/${fileName}`, upkeep?.text ?? '', definition);
}

function readTest(sqlFolder: string, pipeline: string, fileName: string, models: ReadonlySet<string>): TestFile {
    const { file, text } = readSqlFile(sqlFolder, pipeline, `tests/${fileName}`);
    const name = decodeFileName(fileName);
    // The longest model that the test's name begins with: names may contain two underscores themselves.
    const model = [...models]
        .filter((one) => name.startsWith(`${one}__`))
        .sort((left, right) => right.length - left.length)[0];
    const test = testOf(name, model ?? '', file, text);
    // A file that is no SELECT is an error wherever files are read.
    void test.statement;
    if (model === undefined) {
        throw new EltError({
            code: 'MODEL_UNKNOWN',
            message: `data test "${name}" belongs to no model`,
            where: file,
            found: `models: ${[...models].join(', ')}`,
            next: 'call the file <model>__<bad_thing>.sql',
        });
    }
    return test;
}

/**
 * A data test from its text; `file` is its file as people know it, or says where else it comes from. `find` gives its
 * statement.
 */
export function testOf(
    name: string,
    model: string,
    file: string,
    text: string,
    find: () => SqlStatement = () =>
        singleSelect(splitStatements(text, file), file, 'a data test is one SELECT of bad rows'),
): TestFile {
    const head = parseHeader(text, file, TEST_KEYS);
    const scope = headerValue(head, 'scope') === 'all' ? 'all' : 'changed';
    let statement: SqlStatement | undefined;
    return {
        name,
        model,
        file,
        text,
        scope,
        // Lazily: most runs leave the tests of scope `all` out, and of those that are built in nothing can be wrong.
        get statement() {
            statement ??= find();
            return statement;
        },
    };
}

function refuseDuplicates(models: readonly ModelFile[]): void {
    const seen = new Map<string, ModelFile>();
    for (const model of models) {
        const name = model.name.toLowerCase();
        const other = seen.get(name);
        if (other !== undefined) {
            throw new EltError({
                code: 'SQL_DUPLICATE',
                message: `two files are the model "${model.name}"`,
                where: model.file,
                found: `also ${other.file}`,
                next: 'rename one of them',
            });
        }
        seen.set(name, model);
    }
}
