import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mode } from './rivals/mode.ts';
import { shellScript } from './rivals/shell-script.ts';
import type { TypedTables } from './rivals/typed-tables.ts';
import { CLI, NODE, PROJECT, paymentsWords, WORKSHOP } from './workshop.ts';

/** One process to measure. */
export interface Work {
    readonly command: readonly string[];
    readonly stdin?: string;
}

/** One that does the work. */
export interface Contestant {
    readonly name: string;
    readonly version: string;
    readonly work: (mode: Mode, input: string, output: string) => Work;
    /** It follows every kind of change: its result is compared on an input with updates and deletes too. */
    readonly isFair?: boolean;
}

/** Ourselves. Other builds to compare with are given as `--elt name=path/to/cli.js`. */
export function eltContestants(others: readonly string[], landingOnly: string): readonly Contestant[] {
    const builds = [['elt', CLI], ...others.map((text) => text.split('='))] as [string, string][];
    return builds.map(([name, cli]) => ({
        name,
        version: '',
        work: (mode, input, output) => {
            const project = mode === 'land' ? landingOnly : PROJECT;
            return {
                command: [NODE, cli, ...paymentsWords(output, project), '--quiet', 'run', input],
            };
        },
    }));
}

/** The rivals that are installed; a word about each that is not. */
export function rivals(spec: TypedTables): { readonly found: Contestant[]; readonly missing: string[] } {
    mkdirSync(WORKSHOP, { recursive: true });
    const specFile = join(WORKSHOP, 'typed-tables.json');
    writeFileSync(specFile, JSON.stringify(spec));
    const script = (file: string): string => join(PROJECT, 'bench', 'rivals', file);
    const all: readonly (Omit<Contestant, 'version'> & { readonly version: () => string | undefined })[] = [
        {
            name: 'DuckDB, tuned',
            version: duckdbVersion,
            work: (mode, input, output) => ({
                command: [NODE, script('duckdb.ts'), mode, input, output, specFile],
            }),
        },
        {
            name: 'DuckDB, same promises',
            version: duckdbVersion,
            isFair: true,
            work: (mode, input, output) => ({
                command: [NODE, script('duckdb-fair.ts'), mode, input, output, specFile],
            }),
        },
        {
            name: 'naive Node',
            version: () => `Node ${process.versions.node}`,
            work: (mode, input, output) => ({
                command: [NODE, script('naive-node.ts'), mode, input, output, specFile],
            }),
        },
        {
            name: 'Python, collector off',
            version: () =>
                firstLine(
                    'python3',
                    '-c',
                    'import sys, sqlite3; print(sys.version.split()[0], "SQLite", sqlite3.sqlite_version)',
                ),
            work: (mode, input, output) => ({
                command: ['python3', script('stdlib.py'), mode, input, output, specFile],
            }),
        },
        {
            name: 'sqlite3 shell',
            version: () => firstLine('sqlite3', '--version')?.split(' ')[0],
            work: (mode, input, output) => ({
                command: ['sqlite3', '-bail', output],
                stdin: shellScript(mode, input, spec),
            }),
        },
    ];
    const found: Contestant[] = [];
    const missing: string[] = [];
    for (const { version, ...one } of all) {
        const { name } = one;
        const known = version();
        if (known === undefined) {
            missing.push(`${name}: not installed here, left out`);
        } else {
            found.push({ ...one, version: known });
        }
    }
    return { found, missing };
}

export function duckdbDump(output: string, sql: string): string {
    const script = join(PROJECT, 'bench', 'rivals', 'duckdb.ts');
    const specFile = join(WORKSHOP, 'typed-tables.json');
    return execFileSync(NODE, [script, 'dump', sql, output, specFile], {
        encoding: 'utf8',
        maxBuffer: 1 << 30,
    });
}

/** Undefined where the packages for development are not installed. */
export function duckdbVersion(): string | undefined {
    const file = join(PROJECT, 'node_modules', '@duckdb', 'node-api', 'package.json');
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : undefined;
}

function firstLine(command: string, ...words: readonly string[]): string | undefined {
    try {
        return execFileSync(command, words, { encoding: 'utf8' }).split('\n')[0];
    } catch {
        return undefined;
    }
}
