import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/commands/definitions.ts';
import { ROOT } from './pages.ts';

/** The files of docs/deploy/ name what exists: files, commands, options, pipelines. No container is built. */

const read = (name: string): string => readFileSync(join(ROOT, 'docs', 'deploy', name), 'utf8');
const units = readdirSync(join(ROOT, 'docs', 'deploy')).filter((name) => name.endsWith('.service'));

it('the image copies what is there', () => {
    const lines = [...read('Containerfile').matchAll(/^COPY (?:--from=\S+ )?(.+) \S+$/gm)];
    const copied = lines.flatMap(([, names]) => (names as string).split(' ').map((name) => name.replace('/app/', '')));
    expect(copied).toContain('dist');
    expect(copied.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

describe.each([
    ...units.flatMap((unit) => linesOf(unit).map((words) => [unit, words] as const)),
    ['compose.yaml', JSON.parse(/^ +command: (.+)$/m.exec(read('compose.yaml'))?.[1] ?? '[]') as string[]] as const,
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
