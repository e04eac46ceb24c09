// Makes dist/ out of src/, without the pages: a few files in place of 250 modules, each of which costs a start 0.3 to 0.5 ms.
// Names stay, and maps beside the files lead back to the lines of src/ (src/process/stack-places.ts).
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { rolldown } from 'rolldown';

/** What each start needs; what `elt status` needs besides, and most commands; a run; and generating marts' upkeep. */
const SHARED_BY = {
    start: 'command-line.ts',
    models: 'commands/status.ts',
    landing: 'commands/run.ts',
    marts: 'transform/marts/generate-upkeep.ts',
};

/** Packages that come along in a file; others stay outside. */
const PACKAGED = { start: 'commander', marts: 'sqlite3-parser' };

/** Programs that are started by themselves: each is one file that shares nothing. */
const PROGRAMS = {
    reader: 'serve/readers/reader.ts',
    'row-streamer': 'serve/readers/row-streamer.ts',
    'reading-worker': 'capture/bytes/reading-worker.ts',
    'stream-worker': 'capture/postgres/stream-worker.ts',
    'copy-worker': 'capture/postgres/copy-worker.ts',
};

const src = resolve('src');
const licenceOf = (name) => readFileSync(join('node_modules', name, 'LICENSE'), 'utf8').replaceAll('*/', '* /');
const isPackaged = (name) => Object.values(PACKAGED).includes(name);

const options = {
    platform: 'node',
    tsconfig: false,
    logLevel: 'warn',
    external: (name, importer) => /^[@a-z]/.test(name) && !isPackaged(name) && !isForNothing(name, importer),
    plugins: [lazyChildProcess()],
};

const output = {
    dir: 'dist',
    format: 'esm',
    comments: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
};

rmSync('dist', { recursive: true, force: true });
const bundle = await rolldown({ ...options, input: { cli: join(src, 'cli.ts') } });
await bundle.write({
    ...output,
    codeSplitting: { groups: groups() },
    banner: ({ name }) => (name in PACKAGED ? `/*! ${PACKAGED[name]}:\n${licenceOf(PACKAGED[name])}*/` : ''),
});
await bundle.close();
for (const [name, file] of Object.entries(PROGRAMS)) {
    const program = await rolldown({ ...options, input: { [name]: join(src, file) } });
    await program.write({ ...output, codeSplitting: false });
    await program.close();
}

/** Modules that are imported at once with a module, not by `import()`; without those of the groups before. */
function groups() {
    const taken = new Set();
    return Object.entries(SHARED_BY).map(([name, file], index) => {
        const members = new Set();
        const visit = (path) => {
            if (!taken.has(path) && !members.has(path)) {
                members.add(path);
                for (const target of importsOf(path)) {
                    visit(target);
                }
            }
        };
        visit(join(src, file));
        for (const path of members) {
            taken.add(path);
        }
        const packaged = name in PACKAGED ? join('node_modules', PACKAGED[name]) + sep : undefined;
        return {
            name,
            priority: 10 - index,
            test: (id) => members.has(id) || (packaged !== undefined && id.includes(packaged)),
        };
    });
}

function importsOf(path) {
    const text = readFileSync(path, 'utf8');
    const imports = text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '(\.[^']+)';/gm);
    return [...imports].map((match) => resolve(dirname(path), match[1]));
}

/** commander can start programs, which nothing here asks for: what Node needs for that takes 4 ms to load. */
function lazyChildProcess() {
    return {
        name: 'lazy-child-process',
        resolveId: (name, importer) => (isForNothing(name, importer) ? '\0child-process' : null),
        load: (id) =>
            id === '\0child-process'
                ? "export default { spawn: (...words) => process.getBuiltinModule('node:child_process').spawn(...words) };"
                : null,
    };
}

function isForNothing(name, importer) {
    return name === 'node:child_process' && /[\\/]commander[\\/]/.test(importer ?? '');
}
