import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { CLI, elt, NODE, runProgram, workFolder } from '../support/elt.ts';
import { expectError } from '../support/error-lines.ts';

/** Who may read what is written, and where links lead. */

const STREAM = `${JSON.stringify({
    action: 'I',
    schema: 'public',
    table: 'orders',
    columns: [{ name: 'id', type: 'integer', value: 1 }],
    pk: [{ name: 'id', type: 'integer' }],
})}\n`;

const SECRET = 'root-of-all-evil';

beforeAll(async () => {
    await elt(['--version']);
});

/** A folder with a pipeline `shop` made from the stream, and the stream. */
async function project(): Promise<string> {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'in.jsonl'), STREAM);
    expect((await elt(['init', 'shop', '--from', 'in.jsonl'], { cwd })).status).toBe(0);
    return cwd;
}

describe('files are for their owner, and for the group to read', () => {
    const commands = [
        ['init', 'shop', '--from', 'in.jsonl'],
        ['--pipeline', 'shop', 'run', 'in.jsonl'],
        ['--pipeline', 'shop', 'export', 'current_orders', '--format', 'csv'],
        ['--pipeline', 'shop', 'export', 'current_orders', '--out', 'lake'],
        ['--pipeline', 'shop', 'backup', 'kept.db'],
    ];
    test.each([
        ['where the mask of the system hides nothing', '0', 0o640, 0o750],
        ['where it hides more', '077', 0o600, 0o700],
    ])('%s', async (_, mask, fileMode, folderMode) => {
        const cwd = workFolder();
        writeFileSync(join(cwd, 'in.jsonl'), STREAM, { mode: 0o600 });
        for (const words of commands) {
            const ran = await runProgram('sh', ['-c', `umask ${mask}; exec "$0" "$@"`, NODE, CLI, ...words], { cwd });
            expect([ran.status, ran.stderr]).toEqual([0, '']);
        }
        const created = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).map((name) => join(cwd, name));
        expect(created.length).toBeGreaterThan(8);
        const loose = created.filter((path) => {
            const stats = statSync(path);
            return (stats.mode & 0o777 & ~(stats.isDirectory() ? folderMode : fileMode)) !== 0;
        });
        expect(loose).toEqual([]);
    });
});

describe('a symbolic link in the project that leads out of it', () => {
    const files = [
        'sql/shop/pipeline.sql',
        'sql/shop/upkeep/current_orders.sql',
        'sql/shop/marts/totals.sql',
        'sql/shop/views/totals.sql',
        'sql/shop/tests/current_orders__bad.sql',
        'sql/shop/sources/prices.sql',
        'migrations/shop/0001_create.sql',
        'migrations/shop/0001_create.down.sql',
    ];
    test.each(files)('is refused: %s', async (file) => {
        const cwd = await project();
        const outside = outsideFolder();
        const path = join(cwd, file);
        mkdirSync(dirname(path), { recursive: true });
        rmSync(path, { force: true });
        if (file.endsWith('.down.sql')) {
            writeFileSync(path.replace('.down.sql', '.sql'), 'create table t (a);');
        }
        symlinkSync(join(outside, 'secret.sql'), path);
        const ran = await elt(['--pipeline', 'shop', 'run', 'in.jsonl'], { cwd });
        expectError(ran, {
            status: 2,
            code: 'PROJECT_LINK',
            says: file.split('/').at(-1) as string,
            has: ['where', 'found', 'state', 'next'],
        });
        expect(ran.stdout + ran.stderr).not.toContain(SECRET);
    });

    test.each([
        ['a question', 'sql/shop/api/totals.sql', ['query', 'totals'], 2, 'error PROJECT_LINK'],
        // A list says what it leaves out.
        ['a figure', 'sql/shop/dashboard/totals.sql', ['query'], 0, 'note: left out, because'],
    ])('is refused: %s', async (_, file, words, status, says) => {
        const cwd = await project();
        await elt(['--pipeline', 'shop', 'run', 'in.jsonl'], { cwd });
        mkdirSync(dirname(join(cwd, file)), { recursive: true });
        symlinkSync(join(outsideFolder(), 'secret.sql'), join(cwd, file));
        const ran = await elt(['--pipeline', 'shop', ...words], { cwd });
        expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining(says)]);
        expect(ran.stderr).toContain('a symbolic link leads out of it');
        expect(ran.stdout + ran.stderr).not.toContain(SECRET);
    });

    test('nothing is written through it', async () => {
        const cwd = await project();
        await elt(['--pipeline', 'shop', 'run', 'in.jsonl'], { cwd });
        const outside = outsideFolder();
        rmSync(join(cwd, 'sql/shop/upkeep'), { recursive: true });
        symlinkSync(outside, join(cwd, 'sql/shop/upkeep'));
        const ran = await elt(['--pipeline', 'shop', 'scaffold', '--all'], { cwd });
        expectError(ran, { status: 2, code: 'PROJECT_LINK', says: 'orders.sql', has: ['where', 'found', 'next'] });
        rmSync(join(cwd, 'sql'), { recursive: true });
        symlinkSync(outside, join(cwd, 'sql'));
        expect((await elt(['init', 'other'], { cwd })).stderr).toContain('error PROJECT_LINK');
        expect(readdirSync(outside)).toEqual(['secret.sql']);
    });

    test('to nothing is refused too', async () => {
        const cwd = await project();
        symlinkSync(join(cwd, 'nowhere'), join(cwd, 'sql/shop/marts/totals.sql'));
        const ran = await elt(['--pipeline', 'shop', 'run', 'in.jsonl'], { cwd });
        expectError(ran, { status: 2, code: 'PROJECT_LINK', says: 'a link to nothing', has: ['where', 'found'] });
    });
});

test('links within the project, and one to the project as a whole, are followed', async () => {
    const cwd = await project();
    renameSync(join(cwd, 'sql/shop/upkeep/current_orders.sql'), join(cwd, 'sql/orders.txt'));
    symlinkSync('../../orders.txt', join(cwd, 'sql/shop/upkeep/current_orders.sql'));
    const link = join(workFolder(), 'link');
    symlinkSync(cwd, link);
    const ran = await elt(['--pipeline', 'shop', '--project', link, 'run', 'in.jsonl'], { cwd });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    expect(existsSync(join(cwd, 'shop.db'))).toBe(true);
});

/** A folder that is no part of any project, with a file that is nobody's business. */
function outsideFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'elt-outside-'));
    writeFileSync(join(folder, 'secret.sql'), `select ${SECRET};\n`);
    onTestFinished(() => {
        expect(readFileSync(join(folder, 'secret.sql'), 'utf8')).toContain(SECRET);
        rmSync(folder, { recursive: true });
    });
    return folder;
}
