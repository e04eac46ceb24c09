import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSources } from '../../src/load/load-sources.ts';
import { applyPending, withDatabase } from '../../src/project/open-database.ts';
import { settingsOf } from '../../src/project/settings.ts';
import { QUIET } from '../support/bench-database.ts';
import { PROJECT, workFolder } from '../support/elt.ts';

const cwd = workFolder();
const RECORD = JSON.stringify({
    change: [
        {
            kind: 'insert',
            schema: 'public',
            table: 't',
            columnnames: ['id', 'text'],
            columntypes: ['integer', 'text'],
            columnvalues: [1, 'x'.repeat(100_000)],
        },
    ],
});

function sourceOf(records: number): string {
    const file = join(cwd, `${records}.json`);
    writeFileSync(file, `[${Array.from({ length: records }, () => RECORD).join(',')}]`);
    return file;
}

/** The journals in which files land one after the other, each by a command of its own. */
test.each([
    ['a few bytes', [1], ['wal']],
    ['many bytes', [200], ['delete']],
    ['few bytes, then many', [1, 200], ['wal', 'wal']],
    ['many bytes, then few', [200, 1], ['delete', 'wal']],
])('%s, into a new file', async (title, records, expected) => {
    const settings = settingsOf({ pipeline: 'payments', db: join(cwd, `${title}.db`), project: PROJECT });
    const journals: unknown[] = [];
    for (const source of records.map(sourceOf)) {
        await withDatabase(settings, { create: true }, async (database) => {
            await applyPending(database, settings);
            const observer = {
                note: () => undefined,
                begins: () => ({ update: () => undefined, clear: () => undefined }),
                landed: () => journals.push(database.pragma('journal_mode', { simple: true })),
            };
            const interrupt = { ...QUIET, standAside: <T>(work: () => T) => work() };
            const request = { settings, interrupt, isStream: true, asNew: true };
            await loadSources(database, [source], request, observer);
        });
    }
    expect(journals).toEqual(expected);
});
