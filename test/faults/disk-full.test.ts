import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { close, load, migratedDatabase, projectFiles, runTransform, tablesText } from '../support/bench-database.ts';
import { elt, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** No room: a clear error, what was committed stays, and the same command resumes. */

const cwd = workFolder();
const files = projectFiles('payments');
let sample = '';
let pagesOfAll = 0;
let wanted: unknown;

beforeAll(async () => {
    sample = (await elt(['sample', 'payments', '--records', '600'])).stdout;
    writeFileSync(join(cwd, 'wal.json'), sample);
    const database = await migratedDatabase('payments');
    await load(database, sample);
    await runTransform(database, files);
    pagesOfAll = pagesOf(database);
    wanted = contents(database);
    close(database);
});

function pagesOf(database: Database): number {
    return database.pragma('page_count', { simple: true }) as number;
}

function contents(database: Database): unknown {
    return tablesText(database, ['stg_', 'current_', 'metrics']);
}

/** The work, again and again with a few pages more each time, until it ends. Returns how often it was refused. */
async function withGrowingLimit(database: Database, pages: number, work: () => Promise<unknown>): Promise<number> {
    for (let refused = 0; ; refused++) {
        database.pragma(`max_page_count = ${pagesOf(database) + pages * (refused + 1)}`);
        try {
            await work();
            return refused;
        } catch (error) {
            expect(error).toBeInstanceOf(EltError);
            const { code, facts } = error as EltError;
            expect(code).toBe('DATABASE_FULL');
            expect(facts.state).toContain('the same command resumes');
            expect(String(facts.cause)).toContain('SQLITE_FULL');
            expect(database.pragma('quick_check', { simple: true })).toBe('ok');
            const counts =
                'select (select coalesce(sum(changes), 0) from elt_loads), (select last_seq from elt_stream)';
            const [changes, lastSeq] = database.prepare(counts).raw().get() as number[];
            expect(changes).toBe(lastSeq);
        }
    }
}

test.each([1, 3, 17])(
    'a limit that grows by %i pages each time ends with the rows of an undisturbed run',
    async (by) => {
        const database = await migratedDatabase('payments', join(cwd, `pages-${by}.db`));
        onTestFinished(() => close(database));
        expect(pagesOfAll).toBeGreaterThan(pagesOf(database) + 20);
        const refused = await withGrowingLimit(database, by, () => load(database, sample));
        const before = tablesText(database, ['current_', 'metrics']);
        let isFirst = true;
        const refusedRuns = await withGrowingLimit(database, by, async () => {
            if (!isFirst) {
                expect(JSON.stringify(tablesText(database, ['current_', 'metrics'])) === JSON.stringify(before)).toBe(
                    true,
                );
            }
            isFirst = false;
            await runTransform(database, files);
        });
        expect(refused + refusedRuns).toBeGreaterThan(1);
        expect(JSON.stringify(contents(database)) === JSON.stringify(wanted)).toBe(true);
    },
);

test('a disk that is full, as the command line says it', async ({ skip }) => {
    const disk = join(cwd, 'disk');
    mkdirSync(disk);
    skip(!mounted(disk), 'no small file system can be mounted here');
    onTestFinished(() => {
        execFileSync('umount', [disk]);
    });
    const ballast = join(disk, 'ballast');
    const run = () => elt(['--db', join(disk, 'x.db'), 'run', 'wal.json'], { cwd });
    for (const kib of [2_040, 1_900, 1_500, 1_200]) {
        rmSync(ballast, { force: true });
        writeFileSync(ballast, Buffer.alloc(kib * 1_024));
        const has = ['state', 'next', 'cause'] as const;
        const ran = await run();
        expectError(ran, { status: 7, code: 'DATABASE_FULL', says: 'the disk is full', has });
    }
    rmSync(ballast);
    expect((await elt(['--db', join(cwd, 'whole.db'), 'run', 'wal.json'], { cwd })).status).toBe(0);
    execFileSync('mount', ['-o', 'remount,size=64m', disk]);
    expect((await run()).status).toBe(0);
    expect((await elt(['--db', join(disk, 'x.db'), 'verify'], { cwd })).status).toBe(0);
});

function mounted(folder: string): boolean {
    try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'none', folder], { stdio: 'ignore' });
        return true;
    } catch {
        return false;
    }
}
