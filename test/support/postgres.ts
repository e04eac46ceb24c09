import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Psql } from './psql.ts';

/** A PostgreSQL 15 or later whose library folder holds wal2json. */
export interface PostgresInstallation {
    readonly bin: string;
    readonly major: number;
    /** `psql` of this or another installation. */
    readonly psql: string;
}

export const NO_POSTGRES =
    'no PostgreSQL 15 or later with wal2json here (Debian: apt-get install postgresql-15 postgresql-15-wal2json)';

/**
 * The newest installation that can serve, or undefined where there is none.
 * Under `CI=true` a missing server is an error: a proof that was skipped silently is none.
 */
export function findPostgres(): PostgresInstallation | undefined {
    const root = '/usr/lib/postgresql';
    const found = (existsSync(root) ? readdirSync(root) : [])
        .map((version) => ({
            bin: join(root, version, 'bin'),
            lib: join(root, version, 'lib'),
            major: Number(version),
        }))
        .filter(
            ({ bin, lib, major }) =>
                major >= 15 && existsSync(join(bin, 'initdb')) && existsSync(join(lib, 'wal2json.so')),
        )
        .sort((left, right) => right.major - left.major)[0];
    if (found === undefined && process.env.CI === 'true') {
        throw new Error(NO_POSTGRES);
    }
    return found === undefined ? undefined : { ...found, psql: join(found.bin, 'psql') };
}

/**
 * A throw-away PostgreSQL cluster in a temporary folder, reached by a unix socket only.
 * Owns the folder and the server; `stop` (also called when the process exits) ends the one and removes the other.
 */
export class Cluster {
    readonly installation: PostgresInstallation;
    /** Holds the socket, the log and the folder `data`. */
    readonly folder: string;
    readonly #options: string;
    readonly #sessions = new Set<Psql>();
    readonly #atExit = (): void => this.#destroy();
    #running = true;

    constructor(installation: PostgresInstallation, folder: string, options: string) {
        this.installation = installation;
        this.folder = folder;
        this.#options = options;
        process.once('exit', this.#atExit);
    }

    /** As people would name it, by its socket. */
    address(database: string, user = 'postgres'): string {
        return `postgres:///${database}?host=${encodeURIComponent(this.folder)}&user=${user}`;
    }

    get version(): string {
        return spawnSync(join(this.installation.bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim();
    }

    connect(database = 'postgres'): Psql {
        const args = ['-h', this.folder, '-U', 'postgres', '-d', database];
        const session = new Psql(this.installation.psql, args);
        this.#sessions.add(session);
        return session;
    }

    /** A new empty database and a session in it; every world has its own, so that nothing leaks between them. */
    async createDatabase(name: string, more = ''): Promise<Psql> {
        const session = this.connect();
        await session.sql(`create database "${name}" template template0 ${more};`);
        await session.close();
        return this.connect(name);
    }

    /** Drops the database with its replication slots. Its sessions must be closed. */
    async dropDatabase(name: string): Promise<void> {
        const session = this.connect();
        await session.sql(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '${name}';
            drop database "${name}" with (force);`);
        await session.close();
    }

    /** Ends the server as its owner would, and starts it again; `immediate` is a crash. */
    restart(mode: 'fast' | 'immediate'): void {
        this.halt(mode);
        this.start();
    }

    halt(mode: 'fast' | 'immediate'): void {
        asServerUser(this.installation, 'pg_ctl', ['-D', join(this.folder, 'data'), '-m', mode, '-w', 'stop']);
    }

    start(): void {
        const words = [
            '-D',
            join(this.folder, 'data'),
            '-w',
            '-l',
            join(this.folder, 'log'),
            '-o',
            this.#options,
            'start',
        ];
        asServerUser(this.installation, 'pg_ctl', words);
    }

    /** Writes into `postgresql.auto.conf` what `alter system` does. */
    async configure(settings: Readonly<Record<string, string>>): Promise<void> {
        const session = this.connect();
        for (const [name, value] of Object.entries(settings)) {
            await session.sql(`alter system set ${name} = '${value}';`);
        }
        await session.sql('select pg_reload_conf();');
        await session.close();
    }

    async stop(): Promise<void> {
        await Promise.all([...this.#sessions].map((session) => session.close()));
        this.#destroy();
        process.off('exit', this.#atExit);
    }

    #destroy(): void {
        if (this.#running) {
            this.#running = false;
            try {
                this.halt('immediate');
            } catch {
                // A test has ended it already.
            }
            rmSync(this.folder, { recursive: true, force: true });
        }
    }
}

/** Makes and starts a cluster; throws with the server's own words (and leaves nothing behind) where that fails. */
export function startCluster(
    installation: PostgresInstallation,
    more: readonly string[] = [],
    prepare: (folder: string) => void = () => undefined,
): Cluster {
    const folder = mkdtempSync(join(tmpdir(), 'elt-postgres-'));
    try {
        chmodSync(folder, 0o755);
        if (process.getuid?.() === 0) {
            chownSync(folder, serverUserId('-u'), serverUserId('-g'));
        }
        const data = join(folder, 'data');
        asServerUser(installation, 'initdb', [
            '-D',
            data,
            '-U',
            'postgres',
            '-A',
            'trust',
            '-E',
            'UTF8',
            '--locale=C.UTF-8',
            '--no-sync',
        ]);
        prepare(folder);
        const options = [...settings(installation, folder), ...more].map((setting) => `-c ${setting}`).join(' ');
        const cluster = new Cluster(installation, folder, options);
        cluster.start();
        return cluster;
    } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
    }
}

/**
 * A cluster of its own from the files of another one, which is halted: what a backup of files, or a standby made of one,
 * is. It is not started yet; `prepare` may change its folder `data`.
 */
export function copyCluster(
    from: Cluster,
    more: readonly string[] = [],
    prepare: (folder: string) => void = () => undefined,
): Cluster {
    const { installation } = from;
    const folder = mkdtempSync(join(tmpdir(), 'elt-postgres-'));
    spawnSync('cp', ['-a', join(from.folder, 'data'), folder]);
    spawnSync('chown', ['--reference', join(from.folder, 'data'), folder]);
    chmodSync(folder, 0o755);
    rmSync(join(folder, 'data', 'postmaster.pid'), { force: true });
    prepare(folder);
    const options = [...settings(installation, folder), ...more].map((setting) => `-c ${setting}`).join(' ');
    return new Cluster(installation, folder, options);
}

function settings(installation: PostgresInstallation, folder: string): string[] {
    const known = spawnSync(join(installation.bin, 'postgres'), ['--describe-config'], { encoding: 'utf8' }).stdout;
    return [
        `unix_socket_directories=${folder}`,
        "listen_addresses=''",
        'wal_level=logical',
        'max_replication_slots=20',
        'max_wal_senders=20',
        // The cluster lives as long as a test: nothing has to survive a crash.
        // (Not synchronous_commit: decoding sees only what was flushed.)
        'fsync=off',
        'full_page_writes=off',
        // Histories must be the same for the same seed; a vacuum in between could move rows.
        'autovacuum=off',
        'max_prepared_transactions=10',
        'timezone=UTC',
        // Minors of 2026-08 and later refuse the plugin without this, older ones refuse to start with it.
        ...(known.includes('output_plugin_libraries') ? ['output_plugin_libraries=wal2json'] : []),
    ];
}

/** PostgreSQL refuses to run as root. */
function asServerUser(installation: PostgresInstallation, program: string, args: readonly string[]): void {
    const command = [join(installation.bin, program), ...args];
    const line = process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    // The server inherits the pipes; without 'ignore' this process would wait for the server's end.
    const stdio = program === 'pg_ctl' ? 'ignore' : 'pipe';
    const done = spawnSync(line[0] as string, line.slice(1), { encoding: 'utf8', stdio, cwd: '/' });
    if (done.status !== 0) {
        throw new Error(
            `${program} ended with status ${done.status}: ${done.stderr ?? ''}${done.error?.message ?? ''}`,
        );
    }
}

function serverUserId(option: '-u' | '-g'): number {
    return Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout.trim());
}
