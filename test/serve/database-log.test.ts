import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/elt.ts';
import { labProject, PATIENT, startServer } from '../support/server.ts';

const NOBODY = 65_534;
const canBeNobody =
    process.getuid?.() === 0 && foldersOf(PROJECT).every((one) => (statSync(one).mode & 0o005) === 0o005);

function foldersOf(path: string): readonly string[] {
    return path === dirname(path) ? [path] : [path, ...foldersOf(dirname(path))];
}

/** An operator learns why a database cannot be read; a client learns no path. */

describe('a database that cannot be read', () => {
    it('is damaged: the log says so once, with the file and the next step; the answer has neither', async () => {
        const lab = await labProject({ 'api/n.sql': '-- route: GET /n\nselect count(*) as n from numbers;\n' });
        writeFileSync(lab.db, 'this is no database at all, whatever its name says'.repeat(100));
        const server = await startServer(lab.words, ['--quiet']);
        try {
            for (let turn = 0; turn < 5; turn++) {
                const answer = await server.get('/n');
                expect([answer.status, answer.text.includes(dirname(lab.db))]).toEqual([503, false]);
            }
            await expect.poll(() => server.errors(), PATIENT).toContain('"trouble":"DATABASE_DAMAGED"');
            const lines = server.errors().trim().split('\n');
            expect(lines).toHaveLength(1);
            const said = JSON.parse(lines[0] as string) as Record<string, string>;
            expect(said.message).toContain(lab.db);
            expect(said.next).toContain('backup');
        } finally {
            await server.stop();
        }
    });

    // Root may write everywhere, and only root can become somebody else.
    it.skipIf(!canBeNobody)('lies in a folder that the user cannot write: the log says what to do', async () => {
        const lab = await labProject({ 'api/n.sql': '-- route: GET /n\nselect count(*) as n from numbers;\n' });
        chmodSync(lab.project, 0o755);
        chmodSync(lab.db, 0o644);
        const server = await startServer(lab.words, ['--quiet'], {}, NOBODY);
        try {
            const answer = await server.get('/n');
            expect([answer.status, answer.text.includes(dirname(lab.db))]).toEqual([503, false]);
            await expect.poll(() => server.errors(), PATIENT).toContain('"trouble":"DATABASE_REFUSED"');
            const said = JSON.parse(server.errors().trim()) as Record<string, string>;
            expect(said.message).toContain('its folder cannot be written');
            expect(said.next).toBe(`let the user of this process write in "${dirname(lab.db)}"`);
            chmodSync(dirname(lab.db), 0o777);
            await expect.poll(async () => (await server.get('/n')).status, PATIENT).toBe(200);
        } finally {
            await server.stop();
        }
    });
});
