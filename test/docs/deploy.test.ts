import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/definitions.ts';
import { ERROR_CODES } from '../../src/core/error-codes.ts';
import { ROOT } from './pages.ts';

/** The files of docs/deploy/ name what exists: files, commands, options, pipelines. No container is built. */

const FOLDER = join(ROOT, 'docs', 'deploy');
const read = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');
const units = readdirSync(join(ROOT, 'docs', 'deploy')).filter((name) => name.endsWith('.service'));

it('the image copies what is there', () => {
    const lines = [...read('Containerfile').matchAll(/^COPY (?:--from=\S+ )?(.+) \S+$/gm)];
    const copied = lines.flatMap(([, names]) => (names as string).split(' ').map((name) => name.replace('/app/', '')));
    expect(copied).toContain('dist');
    expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

describe.each([
    ...units.flatMap((unit) => linesOf(unit).map((words) => [unit, words] as const)),
    ...['compose.yaml', 'kafka.compose.yaml', 'postgres.compose.yaml'].flatMap((name) =>
        // Another program's own command names that program.
        [...read(name).matchAll(/^ +command: (?!\["postgres")(.+)$/gm)].map(
            ([, words]) => [name, JSON.parse(words as string) as string[]] as const,
        ),
    ),
])('%s: elt %j', (_, words) => {
    const command = COMMANDS.find(({ name }) => words.includes(name));

    it('names a command and its options', () => {
        const general = readFileSync(join(ROOT, 'src', 'command-line.ts'), 'utf8');
        const known = [general, ...(command?.options ?? []).map(([flags]) => flags)].join('\n');
        expect(command).toBeDefined();
        const options = words.filter((word) => word.startsWith('--'));
        expect(options.filter((option) => !new RegExp(`${option}\\b`).test(known))).toEqual([]);
    });

    it('names pipelines that come along, or the shop of the pages', () => {
        const pipelines = words.filter((_word, index) => words[index - 1] === '--pipeline');
        expect(pipelines.length).toBeGreaterThan(0);
        expect(pipelines.filter((name) => name !== 'shop' && !existsSync(join(ROOT, 'sql', name)))).toEqual([]);
    });
});

/** PostgreSQL's and elt's own programs may be missing where the units are checked. */
const OF_THE_MACHINE = /Command .* is not executable: No such file or directory|Unit configuration has fatal error/;

it.skipIf(!hasSystemd())('systemd takes each unit as it is', () => {
    const files = readdirSync(FOLDER).filter((name) => /\.(?:service|timer)$/.test(name));
    const { stderr } = spawnSync(
        'systemd-analyze',
        ['verify', '--man=no', ...files.map((name) => join(FOLDER, name))],
        {
            encoding: 'utf8',
        },
    );
    const complaints = stderr.split('\n').filter((line) => files.some((name) => line.includes(name)));
    expect(complaints.filter((line) => !OF_THE_MACHINE.test(line))).toEqual([]);
    expect(files.length).toBeGreaterThan(4);
});

it('the commands of the units and of cron do what they say', () => {
    const folder = mkdtempSync(join(tmpdir(), 'elt-units-'));
    mkdirSync(join(folder, 'capture'));
    writeFileSync(join(folder, 'capture', 'now.jsonl'), 'lines\n');
    // As systemd hands it on: $$ and %% are one of each.
    const rotate = /^ExecStart=(\/bin\/sh .+)$/m.exec(read('elt-rotate.service'))?.[1] as string;
    const ran = spawnSync('sh', ['-c', rotate.replaceAll('$$', '$').replaceAll('%%', '%')], { cwd: folder });
    expect(ran.status).toBe(0);
    expect(readdirSync(join(folder, 'capture'))).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d\.jsonl$/)]);
    rmSync(folder, { recursive: true });
});

it('every receiver has the same options, and the settings that docs/loading.md pins', () => {
    const page = (name: string): string => readFileSync(join(ROOT, 'docs', name), 'utf8');
    const pinned = /^export PGOPTIONS='([^']+)'$/m.exec(page('loading.md'))?.[1] as string;
    const crontab = page('every-minute.md');
    expect(read('elt-receive.service')).toContain(`"PGOPTIONS=${pinned}"`);
    expect(crontab).toContain(`\nPGOPTIONS=${pinned}\n`);
    const options = (text: string): readonly string[] => text.match(/-o [a-z-]+=\d/g) ?? [];
    const wanted = options(
        /pg_recvlogical -d shop --slot elt --start[\s\S]*?\n```/.exec(page('loading.md'))?.[0] ?? '',
    );
    expect(wanted.length).toBe(5);
    expect(options(read('elt-receive.service'))).toEqual(wanted);
    expect(options(crontab)).toEqual(wanted);
    // cron takes a bare % for the end of a line.
    const lines = /```crontab\n([\s\S]*?)```/
        .exec(crontab)?.[1]
        ?.split('\n')
        .filter((line) => /^[*\d]/.test(line));
    expect(lines).toHaveLength(3);
    for (const line of lines ?? []) {
        expect(line).toMatch(/^(?:[*\d]+ ){5}elt cd \/srv\/elt && /);
        expect(line).not.toMatch(/(?<!\\)%/);
        expect(spawnSync('sh', ['-n', '-c', line.replace(/^(?:\S+ ){6}/, '').replaceAll('\\%', '%')]).status).toBe(0);
    }
});

it('tells a scheduler of each exit status', () => {
    const told = readFileSync(join(ROOT, 'docs', 'every-minute.md'), 'utf8').match(/^\| \d+ \|/gm) ?? [];
    const statuses = new Set([0, ...Object.values(ERROR_CODES).map(({ status }) => status)]);
    expect(told.map((cell) => Number(cell.replaceAll('|', '')))).toEqual([...statuses].sort((a, b) => a - b));
});

it('the timer starts a unit that is there', () => {
    const timers = readdirSync(join(ROOT, 'docs', 'deploy')).filter((name) => name.endsWith('.timer'));
    expect(timers.filter((name) => !units.includes(name.replace('.timer', '.service')))).toEqual([]);
});

/** The words behind `elt` of a unit's `ExecStart=` lines; a line of another program is none. */
function linesOf(unit: string): string[][] {
    return [...read(unit).matchAll(/^ExecStart=\/usr\/local\/bin\/elt (.+)$/gm)].map(([, words]) =>
        (words as string).split(' '),
    );
}

function hasSystemd(): boolean {
    return spawnSync('systemd-analyze', ['--version']).status === 0;
}
