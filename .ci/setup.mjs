// The set-up of a checkout: packages, Node 24 and the build, each only where it is missing or stale.
// Plain JavaScript for the host's own Node, which may be older than the project's.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceHash, stampOf } from './build-stamp.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const packagesStamp = join('node_modules', '.elt-packages');
const wantedPackages = createHash('sha256')
    .update(readFileSync('package-lock.json'))
    .update(readFileSync('.npmrc'))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');

if (stampOf(packagesStamp) !== wantedPackages || !hasNode()) {
    say('installing the packages (npm ci)');
    packages('ci', '--no-audit', '--no-fund');
    // The node package fetches its binary package by an install script; it is the only script that may run.
    say('installing Node 24 for this project');
    packages('rebuild', 'node', '--ignore-scripts=false');
    writeFileSync(packagesStamp, wantedPackages);
}
if (stampOf(join('dist', '.built')) !== sourceHash()) {
    say('building dist/');
    npm(['run', '--silent', 'build'], 2);
}

// `npx elt` finds the command here at once. Without it npx looks at the package itself, and where the host's Node is
// older than ours npm warns about that each time.
const link = join('node_modules', '.bin', 'elt');
if (process.platform !== 'win32' && !existsSync(link)) {
    rmSync(link, { force: true });
    symlinkSync(join('..', '..', 'dist', 'cli.js'), link);
}

function hasNode() {
    return existsSync(join('node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node'));
}

/** Without npm's summary, and without its warnings that the host's Node is older than packages want. */
function packages(...words) {
    npm([...words, '--loglevel=error'], 'ignore');
}

/** Nothing is written to standard output: it belongs to the command that follows the set-up. */
function npm(words, stdout) {
    const isWindows = process.platform === 'win32';
    const { status, error } = spawnSync('npm', words, { stdio: ['ignore', stdout, 2], shell: isWindows });
    if (status !== 0) {
        say(`"npm ${words.join(' ')}" failed${error === undefined ? '' : `: ${error.message}`}`);
        process.exit(status ?? 1);
    }
}

function say(text) {
    process.stderr.write(`setup: ${text}\n`);
}
