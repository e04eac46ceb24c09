import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { SSL_MODES, serverAddress } from '../../src/postgres/server-address.ts';
import { ServerConnection } from '../../src/postgres/server-connection.ts';
import { hasPostgres } from '../support/cluster-for-tests.ts';
import { workFolder } from '../support/elt.ts';
import { FollowWorld } from '../support/follow-world.ts';
import { findPostgres, type PostgresInstallation } from '../support/postgres.ts';
import { startTlsServer, type TlsServer } from '../support/tls-server.ts';

const IS_SAFE = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()';
const PASSWORD = 'a-word-that-nobody-may-see';

/** What becomes of a connection. */
type Outcome = 'tls' | 'plain' | 'refused';

describe.skipIf(!hasPostgres)('TLS', () => {
    const folder = workFolder();
    let server: TlsServer;
    beforeAll(async () => {
        server = startTlsServer(findPostgres() as PostgresInstallation, folder);
        const session = server.cluster.connect();
        await session.sql(`create role with_tls login; create role without_tls login; create role with_both login;
            create role by_certificate login; create role by_password superuser login password '${PASSWORD}';`);
        await session.close();
    });
    afterAll(async () => {
        await server?.cluster.stop();
    });

    async function ours(words: string): Promise<Outcome> {
        try {
            const connection = await ServerConnection.open(serverAddress(words, {}));
            const { ssl } = await connection.one(IS_SAFE);
            await connection.close();
            return ssl === 't' ? 'tls' : 'plain';
        } catch (error) {
            expect(error).toBeInstanceOf(EltError);
            expect(['COMMAND_WRONG', 'SOURCE_REFUSED', 'SOURCE_UNREACHABLE', 'SOURCE_UNFIT']).toContain(
                (error as EltError).code,
            );
            return 'refused';
        }
    }

    function psqls(words: string): Promise<Outcome> {
        const env = { PATH: process.env.PATH, HOME: folder };
        return new Promise((resolve) => {
            execFile(server.cluster.installation.psql, [words, '-XAtwc', IS_SAFE], { env }, (error, stdout) =>
                resolve(error !== null ? 'refused' : stdout.trim() === 't' ? 'tls' : 'plain'),
            );
        });
    }

    /** By its words: where psql and we differ. */
    async function compared(all: readonly string[]): Promise<ReadonlyMap<string, Outcome>> {
        const outcomes = new Map<string, Outcome>();
        for (const words of all) {
            const [own, libpqs] = await Promise.all([ours(words), psqls(words)]);
            expect([words, own]).toEqual([words, libpqs]);
            outcomes.set(words, own);
        }
        return outcomes;
    }

    it('is what libpq makes of every mode, authority, name and line of pg_hba.conf', async () => {
        const { named, unnamed, authority, stranger } = server;
        const roots = ['', ` sslrootcert=${authority}`, ` sslrootcert=${stranger}`];
        const all = SSL_MODES.flatMap((mode) =>
            ['with_tls', 'without_tls', 'with_both'].flatMap((role) =>
                [named, unnamed].flatMap((host) =>
                    roots.map((root) => `host=${host} user=${role} dbname=postgres sslmode=${mode}${root}`),
                ),
            ),
        );
        const outcomes = [...(await compared(all)).entries()];
        const count = (outcome: Outcome, part: string): number =>
            outcomes.filter(([words, one]) => one === outcome && words.includes(part)).length;
        // Else a server that refuses all would be like libpq too.
        expect([count('tls', 'verify-full'), count('plain', 'verify-'), count('plain', 'disable')]).toEqual([2, 0, 12]);
        expect(count('tls', `verify-full sslrootcert=${authority}`)).toBe(2);
        expect(
            outcomes.filter(([words, one]) => one === 'tls' && words.includes(stranger)).map(([words]) => words),
        ).toEqual(
            outcomes
                .filter(([words, one]) => one === 'tls' && / sslmode=(allow|prefer) .*stranger/.test(words))
                .map(([words]) => words),
        );
    });

    it('takes a certificate of its own, as libpq does', async () => {
        const { named, authority, certificate, key, stranger } = server;
        const base = `host=${named} user=by_certificate dbname=postgres sslmode=verify-full sslrootcert=${authority}`;
        const outcomes = await compared([
            base,
            `${base} sslcert=${certificate} sslkey=${key}`,
            `${base} sslcert=${stranger} sslkey=${stranger.replace('.crt', '.key')}`,
        ]);
        expect([...outcomes.values()]).toEqual(['refused', 'tls', 'refused']);
    });

    it('is said in words that lead on', async () => {
        const said = async (words: string): Promise<string> => {
            try {
                await (await ServerConnection.open(serverAddress(words, {}))).close();
                return 'connected';
            } catch (error) {
                const { code, message, found, cause, next } = (error as EltError).facts;
                return [code, message, found, String(cause), next].join('\n');
            }
        };
        const base = (host: string, root: string) =>
            `host=${host} user=with_tls dbname=postgres sslmode=verify-full sslrootcert=${root}`;
        expect(await said(base(server.unnamed, server.authority))).toMatch(/certificate/i);
        expect(await said(base(server.named, server.stranger))).toMatch(/certificate/i);
        expect(await said(base(server.named, join(folder, 'none.crt')))).toMatch(/COMMAND_WRONG[\s\S]*none\.crt/);
    });

    it('covers every connection of a follower, and its password is in nothing that it leaves', async () => {
        const world = await FollowWorld.open(
            server.cluster,
            'safe',
            'create table plain (id int primary key, words text); insert into plain values (1);',
        );
        const pgpass = join(folder, 'pgpass');
        writeFileSync(pgpass, `${server.named}:5432:safe:by_password:${PASSWORD}\n`, { mode: 0o600 });
        const query = `sslmode=verify-full&sslrootcert=${encodeURIComponent(server.authority)}&channel_binding=require`;
        const source = `postgres://by_password@${server.named}/safe?${query}`;
        const env = { ELT_SOURCE: source, PGPASSFILE: pgpass };
        const printed: string[] = [];
        const following = world.follow(['--json'], env);
        await following.says('following');
        await world.session.sql(`insert into plain values (2, 'two');`);
        await following.says('"changes":1');
        const arguments_ = readFileSync(`/proc/${following.child.pid}/cmdline`, 'utf8');
        const safe = await world.session.sql(`select count(*), bool_and(ssl), bool_or(backend_type = 'walsender')
            from pg_stat_ssl join pg_stat_activity using (pid) where usename = 'by_password';`);
        expect(safe).toMatch(/^[2-9]\|t\|t$/);
        for (const words of [
            ['source', 'check'],
            ['source', 'status'],
            ['source', 'status', '--json'],
            ['status', '--json'],
        ]) {
            const ran = await world.elt(words, env);
            expect([words, ran.status]).toEqual([words, 0]);
            printed.push(ran.stdout, ran.stderr);
        }
        await following.stop();
        const shown = `postgres://by_password:${PASSWORD}@${server.named}/safe?${query}`;
        const warned = await world.elt(['follow', shown, '--until-caught-up'], { PGPASSFILE: '' });
        expect([warned.status, warned.stderr]).toEqual([0, expect.stringMatching(/^warning: .*password/m)]);
        const wrong = await world.elt(['follow', shown.replace(PASSWORD, `${PASSWORD}-no`), '--until-caught-up']);
        expect([wrong.status, wrong.stderr]).toEqual([3, expect.stringContaining('SOURCE_REFUSED')]);
        printed.push(warned.stdout, warned.stderr, wrong.stdout, wrong.stderr, following.printed, arguments_);
        const files = readdirSync(world.folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
        printed.push(...files.map((one) => readFileSync(join(one.parentPath, one.name), 'latin1')));
        expect(printed.filter((text) => text.includes(PASSWORD))).toEqual([]);
        await world.end();
    });

    it('that the server has not: as libpq does it', async () => {
        await server.cluster.configure({ ssl: 'off' });
        await sleep(300);
        const all = SSL_MODES.flatMap((mode) =>
            ['with_tls', 'without_tls', 'with_both'].map(
                (role) =>
                    `host=${server.named} user=${role} dbname=postgres sslmode=${mode} sslrootcert=${server.authority}`,
            ),
        );
        const outcomes = await compared(all);
        expect(new Set(outcomes.values())).toEqual(new Set(['plain', 'refused']));
    });
});
