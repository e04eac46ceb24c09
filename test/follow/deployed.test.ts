import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { FollowWorld, PIPELINE } from '../support/follow-world.ts';

const read = (name: string): string => readFileSync(join(PROJECT, 'docs', 'deploy', name), 'utf8');
const PASSWORD = "pass:word's \\ 7";

/** What the files of docs/deploy/ start, against a server that asks for a password. */
describe.skipIf(!hasPostgres)('elt follow as docs/deploy/ starts it', () => {
    const cluster = clusterForTests();
    let world: FollowWorld;

    beforeAll(async () => {
        world = await FollowWorld.open(
            cluster(),
            'deployed',
            'create table plain (id int primary key); insert into plain values (1);',
        );
        await world.session.sql(`create role follower superuser login password '${PASSWORD.replaceAll("'", "''")}';`);
        const hba = join(cluster().folder, 'data', 'pg_hba.conf');
        writeFileSync(
            hba,
            'local all postgres trust\nlocal all all scram-sha-256\nlocal replication postgres trust\nlocal replication all scram-sha-256\n',
        );
        await world.session.sql('select pg_reload_conf();');
    });
    afterAll(async () => {
        await world.close();
    });

    /** In a folder of its own, as the unit's or the image's. */
    const run = (words: readonly string[], env: Readonly<Record<string, string>>) =>
        elt([...words, '--until-caught-up'], {
            cwd: workFolder(),
            env: { ELT_PROJECT: world.folder, ELT_SOURCE: cluster().address('deployed', 'follower'), ...env },
        });

    it('the unit takes the password from a file that nobody else can read', async () => {
        const unit = read('elt-follow.service');
        const words = /^ExecStart=\/usr\/local\/bin\/elt (.+)$/m.exec(unit)?.[1]?.split(' ') ?? [];
        expect(unit).toMatch(/^LoadCredential=pgpass:.+\nEnvironment=PGPASSFILE=%d\/pgpass$/m);
        const file = join(workFolder(), 'pgpass');
        const escaped = PASSWORD.replace(/[\\:]/g, '\\$&');
        writeFileSync(file, `localhost:5432:deployed:follower:${escaped}\n`, { mode: 0o600 });
        const ran = await run(words, { PGPASSFILE: file });
        expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('copied  1 table, 1 row')]);
        expect(ran.stdout + ran.stderr).not.toContain(PASSWORD);
    });

    it('the compose file gives it in a variable, and the settings that the server needs', async () => {
        const compose = read('postgres.compose.yaml');
        const [server = '', follower = ''] = [...compose.matchAll(/^ {4}command: (.+)$/gm)].map(([, words]) => words);
        expect(server).toContain('wal_level=logical');
        const ran = await run(JSON.parse(follower) as string[], { PGPASSWORD: PASSWORD });
        expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('copied  1 table, 1 row')]);
    });

    it('without the right password ends with status 3, which the unit does not try again', async () => {
        const ran = await run(['--pipeline', PIPELINE, 'follow'], { PGPASSWORD: 'wrong password' });
        expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('error SOURCE_REFUSED')]);
        expect(ran.stderr).not.toContain('wrong password');
        expect(read('elt-follow.service')).toContain('RestartPreventExitStatus=2 3');
    });
});
