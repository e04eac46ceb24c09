// Makes dist/ out of src/, without the pages: a few files in place of 250 modules, each of which costs a start 0.3 to 0.5 ms.
// Names stay, and maps beside the files lead back to the lines of src/ (src/process/stack-places.ts).
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

/** What each start needs; what `elt status` needs besides, and most commands; and what a run needs besides. */
const SHARED_BY = { start: 'command-line.ts', models: 'commands/status.ts', landing: 'commands/run.ts' };

/** Programs that are started by themselves: each is one file that shares nothing. */
const PROGRAMS = {
    reader: 'serve/readers/reader.ts',
    'reading-worker': 'capture/bytes/reading-worker.ts',
    'stream-worker': 'capture/postgres/stream-worker.ts',
    'copy-worker': 'capture/postgres/copy-worker.ts',
};

const src = resolve('src');
const licence = readFileSync(join('node_modules', 'commander', 'LICENSE'), 'utf8').replaceAll('*/', '* /');

const options = {
    platform: 'node',
    tsconfig: false,
    logLevel: 'warn',
    // Every start needs commander, so it comes along; other packages stay outside.
    external: (name, importer) => /^[@a-z]/.test(name) && name !== 'commander' && !isForNothing(name, importer),
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
    banner: ({ name }) => (name === 'start' ? `/*! commander:\n${licence}*/` : ''),
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
        return {
            name,
            priority: 10 - index,
            test: (id) => members.has(id) || (index === 0 && /[\\/]node_modules[\\/]commander[\\/]/.test(id)),
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
