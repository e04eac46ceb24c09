// Makes dist/ out of src/, without the pages: a few files in place of 250 modules, each of which costs a start 0.3 to 0.5 ms.
// Names stay, and maps beside the files lead back to the lines of src/ (src/process/stack-places.ts).
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { sourceHash } from './build-stamp.mjs';

/** The thread of topics: a program that shares what is large, the client of brokers, and the little that it needs besides. */
const FETCH_WORKER = 'load/kafka/fetch-worker.ts';

/** What each start needs; what `elt status` needs besides, and most commands; a run; migrations; generating marts' upkeep; and brokers. */
const SHARED_BY = {
    start: 'command-line.ts',
    models: 'commands/status.ts',
    landing: 'commands/run.ts',
    migrations: 'sqlite/migrations/migrator.ts',
    marts: 'transform/marts/generate-upkeep.ts',
    brokers: 'capture/kafka/server-connection.ts',
};

/** Packages that come along in a file; others stay outside. */
const PACKAGED = {
    start: ['commander'],
    models: ['better-sqlite3'],
    migrations: ['umzug', 'emittery', 'pony-cause'],
    marts: ['sqlite3-parser'],
    brokers: ['@platformatic/kafka', '@platformatic/dynamic-buffer', 'debug', 'ms', 'fastq', 'reusify'],
};

/** Other programs that are started by themselves: each is one file that shares nothing. */
const PROGRAMS = {
    reader: 'serve/readers/reader.ts',
    'row-streamer': 'serve/readers/row-streamer.ts',
    'reading-worker': 'capture/bytes/reading-worker.ts',
    'stream-worker': 'capture/postgres/stream-worker.ts',
    'copy-worker': 'capture/postgres/copy-worker.ts',
};

/**
 * What packaged modules import and nothing here needs. commander can start programs: what Node needs for that takes 4 ms
 * to load. umzug has a command line of its own, 55 ms, and can look for migrations, 3 ms. The client of brokers checks its
 * options, which the compiler has done: what compiles those checks takes 30 MB.
 */
const INSTEAD = [
    {
        name: 'node:child_process',
        of: 'commander',
        text: "export default { spawn: (...words) => process.getBuiltinModule('node:child_process').spawn(...words) };",
    },
    { name: './cli', of: 'umzug', text: 'export class UmzugCLI {}' },
    { name: 'tinyglobby', of: 'umzug', text: 'export const glob = undefined;' },
    // It finds its native part from where it lies.
    {
        name: './binding',
        of: 'better-sqlite3',
        text: `import { createRequire } from 'node:module';
            const entry = createRequire(import.meta.url).resolve('better-sqlite3');
            export const { getBinding } = createRequire(entry)('./binding');`,
    },
    {
        name: 'ajv/dist/2020.js',
        of: '@platformatic',
        text: 'export class Ajv2020 { addKeyword() {} compile() { return () => true; } }',
    },
];

const src = resolve('src');
const packaged = Object.values(PACKAGED).flat();
const isPackaged = (name) => packaged.includes(name);
const folderOf = (name) => join('node_modules', name) + sep;
const licencesOf = ({ moduleIds }) => {
    const names = packaged.filter((name) => moduleIds.some((id) => id.includes(folderOf(name))));
    const texts = names.map((name) => `${name}:\n${licenceIn(folderOf(name)).replaceAll('*/', '* /')}`);
    return texts.length === 0 ? '' : `/*! ${texts.join('\n')}*/`;
};
const licenceIn = (folder) =>
    readFileSync(join(folder, readdirSync(folder).find((name) => /^licen[cs]e/i.test(name)) ?? 'LICENSE'), 'utf8');

const options = {
    platform: 'node',
    tsconfig: false,
    logLevel: 'warn',
    // What it keeps for later processes is found by the same build only (src/process/kept-text.ts).
    transform: { define: { ELT_BUILD: JSON.stringify(sourceHash()) } },
    external: (name, importer) => /^[@a-z]/.test(name) && !isPackaged(name) && !replaced(name, importer),
    // Of the client of brokers only what is asked for: it has a producer and a registry too.
    treeshake: { moduleSideEffects: (id) => !id.includes(folderOf('@platformatic')) },
    plugins: [insteadOf(), builtinsAsked()],
};

const output = {
    dir: 'dist',
    format: 'esm',
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
    banner: licencesOf,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
};

rmSync('dist', { recursive: true, force: true });
const bundle = await rolldown({
    ...options,
    input: { cli: join(src, 'cli.ts'), 'fetch-worker': join(src, FETCH_WORKER) },
});
await bundle.write({
    ...output,
    codeSplitting: { groups: groups() },
});
await bundle.close();
for (const [name, file] of Object.entries(PROGRAMS)) {
    const program = await rolldown({ ...options, input: { [name]: join(src, file) } });
    await program.write({ ...output, codeSplitting: false });
    await program.close();
}

/** For each file the modules that are imported at once with its own, without those of the files before. */
function groups() {
    const worker = join(src, FETCH_WORKER);
    const ofCommands = ['start', 'models', 'landing'].flatMap((name) => [...importedWith(join(src, SHARED_BY[name]))]);
    const ofWorker = importedWith(worker);
    const common = new Set(ofCommands.filter((path) => ofWorker.has(path)));
    const taken = new Set([...common, worker]);
    const shared = Object.entries(SHARED_BY).map(([name, file]) => {
        const members = [...importedWith(join(src, file))].filter((path) => !taken.has(path));
        for (const path of members) {
            taken.add(path);
        }
        return [name, new Set(members)];
    });
    return [['common', common], ...shared].map(([name, members], index) => {
        const folders = (PACKAGED[name] ?? []).map(folderOf);
        return {
            name,
            priority: 10 - index,
            test: (id) => members.has(id) || folders.some((folder) => id.includes(folder)),
        };
    });
}

/** The module itself too; not what it imports by `import()`. */
function importedWith(module) {
    const members = new Set();
    const visit = (path) => {
        if (!members.has(path)) {
            members.add(path);
            for (const target of importsOf(path)) {
                visit(target);
            }
        }
    };
    visit(module);
    return members;
}

function importsOf(path) {
    const text = readFileSync(path, 'utf8');
    const imports = text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)';/gm);
    return [...imports].map((match) => resolve(dirname(path), match[1]));
}

/** Gives what `INSTEAD` names. */
function insteadOf() {
    const named = (id) => INSTEAD.find(({ name }) => id === `\0instead-of-${name}`);
    return {
        name: 'instead-of',
        resolveId: (name, importer) => (replaced(name, importer) ? `\0instead-of-${name}` : null),
        load: (id) => named(id)?.text ?? null,
    };
}

function replaced(name, importer) {
    return INSTEAD.some((one) => one.name === name && (importer ?? '').includes(join('node_modules', one.of) + sep));
}

/**
 * Modules of Node are asked for, not imported: an import evaluates everything that they load lazily, 11 ms for those of a
 * run. `cli.js` still imports, as it may run on a Node that cannot be asked. Lines stay, and so do the maps.
 */
function builtinsAsked() {
    return {
        name: 'builtins-asked',
        renderChunk: (code, { name }) =>
            name === 'cli'
                ? null
                : { code: code.replace(/^import ([^"'\n]+) from "(node:[a-z_/]+)";$/gm, asked), map: null },
    };
}

function asked(_, bindings, module) {
    const members = bindings.match(/\{.*\}$/)?.[0];
    const whole = bindings
        .replace(members ?? '', '')
        .replace('* as', '')
        .replaceAll(/[ ,]/g, '');
    const names = [whole, members?.replaceAll(' as ', ': ')].filter(Boolean);
    return names.map((name) => `const ${name} = process.getBuiltinModule("${module}");`).join(' ');
}
