import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Block } from './pages.ts';
import { ROOT } from './pages.ts';

/** A command of a block, with what the page says it prints. */
export interface Command {
    readonly text: string;
    /** Lines shown below it; null where the block shows no output (`sh`). */
    readonly shown: readonly string[] | null;
    readonly line: number;
}

/** What a command did. */
export interface Ran {
    readonly command: Command;
    readonly printed: readonly string[];
    readonly status: number;
}

/**
 * A folder in which a page's blocks are run one after the other, as its reader would do it, with `elt` on the path:
 * that of the checkout, beside a copy of the project's `sql/` and `migrations/`, or an installed one, beside nothing.
 */
export class Session {
    readonly folder = mkdtempSync(join(tmpdir(), 'elt-docs-'));
    /** Holds `elt`. */
    readonly #bin: string;
    readonly #isOwnBin: boolean;
    /** A reader's 8080 may be taken on a machine that runs tests. */
    readonly #port = freePort();
    readonly #servers: string[] = [];
    /** What the reader's `export ELT_…` has set: it holds for the blocks that follow, as in one terminal. */
    readonly #exports = `${this.folder}.exports`;
    /** What the reader has set. */
    readonly #environment: Readonly<Record<string, string>>;

    /** Servers as the page names them, and where they are in the test. */
    readonly #servedAt: Readonly<Record<string, string>>;

    constructor(
        installedBin?: string,
        environment: Readonly<Record<string, string>> = {},
        servedAt: Readonly<Record<string, string>> = {},
    ) {
        this.#environment = environment;
        this.#servedAt = servedAt;
        this.#bin = installedBin ?? mkdtempSync(join(tmpdir(), 'elt-bin-'));
        this.#isOwnBin = installedBin === undefined;
        if (this.#isOwnBin) {
            symlinkSync(join(ROOT, 'elt'), join(this.#bin, 'elt'));
            for (const name of ['sql', 'migrations']) {
                cpSync(join(ROOT, name), join(this.folder, name), { recursive: true });
            }
        }
    }

    dispose(): void {
        for (const log of this.#servers) {
            spawnSync('bash', ['-c', `kill $(cat '${log}.pid')`], { cwd: this.folder });
        }
        rmSync(this.folder, { recursive: true, force: true });
        rmSync(this.#exports, { force: true });
        if (this.#isOwnBin) {
            rmSync(this.#bin, { recursive: true, force: true });
        }
    }

    /** Runs the commands of a block in one shell, so that `$?` and variables are a reader's. */
    run(commands: readonly Command[]): readonly Ran[] {
        const mark = '@@elt-docs';
        const script = commands
            .map(
                ({ text }) =>
                    `${this.#runnable(this.#placed(text))}\n__status=$?; printf '\\n${mark} %s\\n' $__status; (exit $__status)`,
            )
            .join('\n');
        const environment = Object.fromEntries(
            Object.entries(process.env).filter(([name]) => !name.startsWith('ELT_') && name !== 'NO_COLOR'),
        );
        const own = `[ -f '${this.#exports}' ] && . '${this.#exports}'`;
        const kept = `export -p | grep '^declare -x ELT_' > '${this.#exports}'`;
        const { stdout, error } = spawnSync('bash', ['-c', `exec 2>&1\n${own}\n${script}\n${kept}`], {
            cwd: this.folder,
            env: {
                ...environment,
                PATH: [this.#bin, dirname(process.execPath), process.env.PATH].join(delimiter),
                TZ: 'UTC',
                ...this.#environment,
            },
            encoding: 'utf8',
            input: '',
            timeout: 60_000,
        });
        if (error !== undefined) {
            throw error;
        }
        const parts = stdout.split(new RegExp(`\\n${mark} (\\d+)\\n`));
        return commands.map((command, index) => ({
            command,
            printed: withoutEmptyEnd(this.#asShown(parts[index * 2] ?? '').split('\n')),
            status: Number(parts[index * 2 + 1] ?? 255),
        }));
    }

    #placed(text: string): string {
        return Object.entries(this.#servedAt).reduce((placed, [shown, own]) => placed.replaceAll(shown, own), text);
    }

    #asShown(printed: string): string {
        return Object.entries(this.#servedAt).reduce(
            (text, [shown, own]) => text.replaceAll(own, shown),
            printed.replaceAll(`:${this.#port}`, ':8080'),
        );
    }

    /** A server in the background (`elt … serve &`) is waited for, and ended with the session. */
    #runnable(text: string): string {
        const own = text.replaceAll(':8080', `:${this.#port}`).replace(/ serve(?= |$)/, ` serve --port ${this.#port}`);
        if (!/^elt .*serve\b.* &$/.test(text)) {
            return text.startsWith('curl ') ? own.replace(/^curl /, 'curl --silent --show-error ') : text;
        }
        const log = `.server-${this.#servers.length}`;
        this.#servers.push(log);
        return (
            `${own.slice(0, -1)} >${log} 2>${log}.err & echo $! >${log}.pid\n` +
            `for __turn in $(seq 300); do [ -s ${log} ] && break; sleep 0.05; done; cat ${log} ${log}.err`
        );
    }

    /** Writes a file that the page shows whole. */
    write(path: string, lines: readonly string[]): void {
        const file = join(this.folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, `${lines.join('\n')}\n`);
    }

    /** Makes the edit that a `diff` block shows. */
    edit(lines: readonly string[]): void {
        const { status, stderr } = spawnSync('patch', ['--strip=1', '--fuzz=0', '--no-backup-if-mismatch'], {
            cwd: this.folder,
            input: `${lines.join('\n')}\n`,
            encoding: 'utf8',
        });
        if (status !== 0) {
            throw new Error(`the diff does not fit: ${stderr}`);
        }
    }

    read(path: string): string {
        return readFileSync(join(this.folder, path), 'utf8');
    }
}

/** The commands of a `console` block (behind `$ `, output below) or of an `sh` block (every line, no output). */
export function commandsOf(block: Block): readonly Command[] {
    if (block.language === 'sh') {
        return [{ text: block.lines.join('\n'), shown: null, line: block.line }];
    }
    const commands: { text: string; shown: string[]; line: number }[] = [];
    block.lines.forEach((content, index) => {
        const last = commands.at(-1);
        if (content.startsWith('$ ')) {
            commands.push({ text: content.slice(2), shown: [], line: block.line + index });
        } else if (last === undefined) {
            throw new Error(`line ${block.line + index}: output before the first command`);
        } else if (last.text.endsWith('\\') && last.shown.length === 0) {
            last.text += `\n${content}`;
        } else {
            last.shown.push(content);
        }
    });
    return commands.map((command) => ({ ...command, shown: withoutEmptyEnd(command.shown) }));
}

/** Without what differs from run to run: times, dates, the width of the columns that hold them, places in SQL files. */
export function normalised(lines: readonly string[]): readonly string[] {
    return lines.map((line) =>
        line
            .replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z +\d+$/, 'DATE MS')
            .replace(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, 'DATE')
            .replace(/\b[\d.]+ (?:ms|s)\b/g, 'TIME')
            .replace(/\b[\d.]+ [kM]?B\/s/g, 'SPEED')
            .replace(/\b[\dA-F]{1,8}\/[\dA-F]{1,8}\b/g, 'LSN')
            // Where the project's own SQL files are quoted, their lines move with every edit.
            .replace(/\.sql:\d+:\d+/, '.sql:PLACE')
            .replace(/^ +(>?) *\d+ \|/, '$1 LINE |')
            .replace(/-{3,}/g, '---')
            .replace(/ +/g, ' ')
            .trimEnd(),
    );
}

/** Whether what was printed is what is shown; a line `…` stands for any lines. */
export function isAsShown(printed: readonly string[], shown: readonly string[]): boolean {
    const pattern = normalised(shown)
        .map((line) => (line.trim() === '…' ? '(?:[^\\n]*\\n)*?' : `${escaped(line)}\\n`))
        .join('');
    return new RegExp(`^${pattern}$`).test(
        normalised(printed)
            .map((line) => `${line}\n`)
            .join(''),
    );
}

function escaped(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function withoutEmptyEnd(lines: readonly string[]): readonly string[] {
    const end = lines.findLastIndex((line) => line.trim() !== '');
    return lines.slice(0, end + 1);
}

function freePort(): number {
    const program =
        "require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port); this.close(); })";
    return Number(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout);
}
