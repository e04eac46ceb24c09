import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labProject, PATIENT, startServer } from '../support/server.ts';

/** Whoever runs the server learns why a database cannot be read; whoever asks learns no path. */

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
});
