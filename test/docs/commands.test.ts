import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elt } from '../support/elt.ts';
import { PAGES_WITH_KAFKA, PAGES_WITH_POSTGRES, PAGES_WITH_TARGETS, ROOT, readPages } from './pages.ts';
import { Session } from './session.ts';
import { isStep, takeBlock } from './take-block.ts';

/**
 * Every command of the pages is run as it stands there, page by page in one folder, and what a page shows is compared
 * with what is printed. `<!-- not run: why -->` above a block takes it out; those are listed below, so that none hides.
 */

const pages = readPages();

beforeAll(async () => {
    // Refuses a build that is older than the source.
    await elt(['--version']);
});

const OF_OTHERS = [...PAGES_WITH_KAFKA, ...PAGES_WITH_POSTGRES, ...PAGES_WITH_TARGETS];

describe.each(pages.filter(({ name, blocks }) => !OF_OTHERS.includes(name) && blocks.some(isStep)))(
    '$name',
    ({ blocks }) => {
        const session = new Session();
        afterAll(() => session.dispose());

        const steps = blocks.filter(isStep);
        it.each(steps.map((block) => [`line ${block.line}: ${block.lines[0]}`, block] as const))('%s', (_, block) => {
            takeBlock(session, block);
        });
    },
);

it('takes no block out but these', () => {
    const out = pages.flatMap(({ name, blocks }) =>
        blocks.filter((block) => block.marker?.key === 'not run').map(({ marker }) => `${name}: ${marker?.value}`),
    );
    expect(out).toEqual(NOT_RUN);
});

const NOT_RUN: readonly string[] = [
    'README.md: they install packages; .ci/run runs both in a fresh clone',
    'docs/every-minute.md: needs a PostgreSQL server and systemd',
    'docs/loading.md: needs a PostgreSQL server',
];

it('finds every page and every command of elt somewhere in the pages', async () => {
    const { COMMANDS } = await import('../../src/commands/definitions.ts');
    const text = pages.map((page) => page.text).join('\n');
    const missing = COMMANDS.map((command) => `elt ${command.name}`).filter((name) => !text.includes(name));
    expect(missing).toEqual([]);
});

it('names only options that exist', async () => {
    const { COMMANDS } = await import('../../src/commands/definitions.ts');
    const known = new Set(
        [
            ...COMMANDS.flatMap((command) => command.options ?? []).map(([flags]) => flags),
            readFileSync(join(ROOT, 'src', 'command-line.ts'), 'utf8'),
        ].flatMap((text) => text.match(/--[a-z][a-z-]*/g) ?? []),
    );
    const named = pages.flatMap(({ name, text }) =>
        text
            .split('\n')
            .filter((line) => /\belt\b/.test(line) && !/sqlite3|npm|pg_recvlogical|systemctl/.test(line))
            .flatMap((line) => line.match(/(?<=[\s`])--[a-z][a-z-]*/g) ?? [])
            .filter((option) => !known.has(option) && option !== '--help' && option !== '--version')
            .map((option) => `${name}: ${option}`),
    );
    expect(named).toEqual([]);
});
