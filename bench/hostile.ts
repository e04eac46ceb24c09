import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsOf } from './compare-results.ts';
import { type Contestant, rivals } from './contestants.ts';
import { measuredProcess } from './measured-process.ts';
import { markdown } from './report.ts';
import { CLI, freshFile, landingProject, NODE, WORKSHOP } from './workshop.ts';

/** What each lands wrong on a small hostile file, by comparing every cell with what PostgreSQL holds. */

const BIG = '9223372036854775806';
const LONG = '12345678901234567890123456789.123456789';
const COLUMNS = ['id', 'big', 'amount', 'note', 'late'] as const;
const TYPES = ['text', 'bigint', 'numeric', 'text', 'text'];

interface Case {
    readonly name: string;
    /** Source files in order: each a list of records, of changes as JSON text (numbers keep their digits). */
    readonly files: readonly (readonly string[])[];
    /** `id`, `big`, `amount`, `note`, `late`, sorted by id. */
    readonly expected: readonly (readonly (string | null)[])[];
}

const first = insert('a', '1', '1.5', '"kept"');
const CASES: readonly Case[] = [
    {
        name: 'an update without its TOAST column',
        files: [[first, update('a', { big: '2' })]],
        expected: [['a', '2', '1.5', 'kept', null]],
    },
    {
        name: 'a bigint above 2^53',
        files: [[insert('a', BIG, '1.5', 'null')]],
        expected: [['a', BIG, '1.5', null, null]],
    },
    { name: 'a long numeric', files: [[insert('a', '1', LONG, 'null')]], expected: [['a', '1', LONG, null, null]] },
    {
        name: 'a column that appears',
        files: [[first, insert('b', '2', '2.5', '"x"', '"new"')]],
        expected: [
            ['a', '1', '1.5', 'kept', null],
            ['b', '2', '2.5', 'x', 'new'],
        ],
    },
    {
        name: 'two changes to one key',
        files: [
            [
                first,
                update('a', { big: '2', amount: '1.5', note: '"older"' }),
                update('a', { big: '3', amount: '1.5', note: '"newer"' }),
            ],
        ],
        expected: [['a', '3', '1.5', 'newer', null]],
    },
    {
        name: 'a key that moves',
        files: [[first, update('b', { big: '1', amount: '1.5', note: '"kept"' }, 'a')]],
        expected: [['b', '1', '1.5', 'kept', null]],
    },
    {
        name: 'a delete',
        files: [[first, insert('b', '2', '2.5', '"x"'), remove('a')]],
        expected: [['b', '2', '2.5', 'x', null]],
    },
    {
        name: 'deleted and inserted again',
        files: [[first, remove('a'), insert('a', '7', '7.5', '"again"')]],
        expected: [['a', '7', '7.5', 'again', null]],
    },
    {
        name: 'the file loaded twice',
        files: [
            [first, remove('a')],
            [first, remove('a')],
        ],
        expected: [],
    },
];

/** A Markdown table: a line a case, a column a contestant; `more` are lines that were found out elsewhere. */
export async function hostileTable(
    elt: Contestant,
    others: readonly Contestant[],
    more: readonly (readonly string[])[],
): Promise<string> {
    const spec = {
        tables: [
            {
                source: 'account',
                name: 'current_account',
                key: 'id',
                columns: COLUMNS.map((name, index) => ({
                    name,
                    type: ['TEXT', 'INTEGER', 'TEXT', 'TEXT', 'TEXT'][index] ?? '',
                    pgType: TYPES[index] ?? '',
                })),
            },
        ],
        indexes: ['create unique index key_account on current_account (id)'],
        view: 'create view metrics_now as select * from current_account',
        mart: 'create table metrics (id text)',
    };
    const contestants = [elt, ...rivals(spec).found.filter((one) => others.some((other) => other.name === one.name))];
    const lines: string[][] = [];
    for (const one of CASES) {
        const line = [one.name];
        for (const contestant of contestants) {
            line.push(await verdict(contestant, one, contestant === elt));
        }
        lines.push(line);
    }
    return `### What each lands wrong\n\n${markdown(['case', ...contestants.map((one) => one.name)], [...lines, ...more])}`;
}

async function verdict(contestant: Contestant, one: Case, isElt: boolean): Promise<string> {
    const output = freshFile('hostile.db');
    try {
        for (const changes of one.files) {
            const file = join(WORKSHOP, 'hostile.json');
            writeFileSync(file, `[${changes.map((change) => `{"change":[${change}]}`).join(',')}]`);
            if (isElt) {
                runElt(file, output);
            } else {
                const work = contestant.work('upsert', file, output);
                await measuredProcess(work.command, work.stdin);
            }
        }
    } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        return `stops: ${
            /.*(?:Error|error|Parse)[^\n]{0,70}/
                .exec(text.slice(text.indexOf('\n')))?.[0]
                .trim()
                .slice(0, 70) ?? 'an error'
        }`;
    }
    const existing = new Set(rowsOf(contestant, output, COLUMN_NAMES).map(([name]) => name));
    const list = COLUMNS.map((name) => (existing.has(name) ? `"${name}"` : 'null')).join(', ');
    const rows = rowsOf(contestant, output, `select ${list} from current_account order by id`);
    if (JSON.stringify(rows) === JSON.stringify(one.expected)) {
        return 'right';
    }
    return `wrong: ${difference(rows, one.expected)}`;
}

const COLUMN_NAMES = "select name from pragma_table_info('current_account')";

/** Lands, writes the fold as `elt scaffold` does, in a project of its own, and folds. */
function runElt(file: string, output: string): void {
    const project = landingProject('hostile');
    const elt = (...words: readonly string[]): void => {
        const options = ['--db', output, '--project', project, '--quiet'];
        execFileSync(NODE, [CLI, ...words, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    };
    elt('run', file);
    elt('scaffold', 'public.account', '--key', 'id');
    elt('transform');
}

function difference(rows: readonly (readonly (string | null)[])[], expected: Case['expected']): string {
    if (rows.length !== expected.length) {
        return `${rows.length} rows, not ${expected.length}`;
    }
    const cells = rows.flatMap((row, at) =>
        row.flatMap((cell, index) => {
            const wanted = expected[at]?.[index] ?? null;
            return cell === wanted ? [] : [`${COLUMNS[index]} ${cell}, not ${wanted}`];
        }),
    );
    return cells.join('; ');
}

function insert(id: string, big: string, amount: string, note: string, late?: string): string {
    return change('insert', [`"${id}"`, big, amount, note, ...(late === undefined ? [] : [late])]);
}

/** Columns that are not given are absent, as PostgreSQL leaves an unchanged TOAST column out. */
function update(id: string, values: Partial<Record<(typeof COLUMNS)[number], string>>, oldId = id): string {
    const names = COLUMNS.filter((name) => name === 'id' || values[name] !== undefined);
    const list = names.map((name) => (name === 'id' ? `"${id}"` : values[name])).join(',');
    return `{"kind":"update","schema":"public","table":"account","columnnames":${JSON.stringify(names)},"columntypes":${JSON.stringify(
        names.map((name) => TYPES[COLUMNS.indexOf(name)]),
    )},"columnvalues":[${list}],"oldkeys":{"keynames":["id"],"keytypes":["text"],"keyvalues":["${oldId}"]}}`;
}

function remove(id: string): string {
    return `{"kind":"delete","schema":"public","table":"account","oldkeys":{"keynames":["id"],"keytypes":["text"],"keyvalues":["${id}"]}}`;
}

function change(kind: string, values: readonly string[]): string {
    const names = JSON.stringify(COLUMNS.slice(0, values.length));
    const types = JSON.stringify(TYPES.slice(0, values.length));
    return `{"kind":"${kind}","schema":"public","table":"account","columnnames":${names},"columntypes":${types},"columnvalues":[${values.join(',')}]}`;
}
