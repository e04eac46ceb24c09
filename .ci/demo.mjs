// The main job on a sample, command by command: what `npm run demo` shows after the set-up.
// It begins with a new demo.db each time, so it can be run again, and leaves it for a closer look.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

// The host's own Node may be too old: the set-up has put one into the checkout.
const localNode = join('node_modules', '.bin', 'node');
const node = process.platform !== 'win32' && existsSync(localNode) ? localNode : process.execPath;
const cli = join('dist', 'cli.js');
/** As people type it here. */
const ELT = process.platform === 'win32' ? 'npx elt' : './elt';
const folder = mkdtempSync(join(tmpdir(), 'elt-demo-'));
const wal = join(folder, 'wal.json');

try {
    for (const ending of ['', '-wal', '-shm', '-journal']) {
        rmSync(`demo.db${ending}`, { force: true });
    }
    say('A WAL file as wal2json writes it: 1,000 records of four payment tables.');
    sample();
    say('Land it, and run the SQL files of sql/payments/.');
    elt('--pipeline', 'payments', '--db', 'demo.db', 'run', wal);
    say('The same file again: it is known by its content.');
    elt('--pipeline', 'payments', '--db', 'demo.db', 'run', wal);
    say('What came out (4 of the 15 columns).');
    show(['event_id', 'transaction_lifecycle_event', 'amount', 'currency_code']);
    say(
        [
            'demo.db was left in this folder. Look further:',
            '  sqlite3 demo.db                  the file is plain SQLite',
            `  ${ELT} --pipeline payments --db demo.db status   what has landed, and how far each model is`,
            '  sql/payments/marts/metrics.sql   the SQL that fills metrics',
            '  docs/analysts.md                 how to read and change it',
        ].join('\n'),
    );
} finally {
    rmSync(folder, { recursive: true, force: true });
}

function sample() {
    prompt(['sample', 'payments', '>', wal]);
    const file = openSync(wal, 'w');
    execFileSync(node, [cli, 'sample', 'payments'], { stdio: ['ignore', file, 'inherit'] });
    closeSync(file);
}

/** Runs a command with its output as it is; the demo ends where one fails. */
function elt(...words) {
    prompt(words);
    const { status } = spawnSync(node, [cli, ...words], { stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) {
        throw new Error(`elt ended with status ${status}`);
    }
}

/** The first rows, of a few columns: all 15 do not fit a terminal. */
function show(columns) {
    const words = ['--db', 'demo.db', 'show', 'metrics', '--limit', '3'];
    prompt(words);
    const [names, rules, ...rest] = execFileSync(node, [cli, ...words], { encoding: 'utf8' })
        .trimEnd()
        .split('\n');
    // The rules under the names show from where to where each column goes.
    const places = [...rules.matchAll(/-+/g)].map(({ 0: rule, index }) => [index, index + rule.length]);
    const shown = places.filter(([from, to]) => columns.includes(names.slice(from, to).trim()));
    const cut = (line) => shown.map(([from, to]) => line.slice(from, to).padEnd(to - from)).join('  ');
    const count = rest.pop();
    for (const line of [names, rules, ...rest]) {
        console.log(cut(line).trimEnd());
    }
    console.log(count);
}

function prompt(words) {
    console.log(`$ ${ELT} ${words.join(' ')}`);
}

function say(text) {
    console.log(`\n${text}\n`);
}
