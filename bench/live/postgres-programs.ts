import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Cluster } from '../../test/support/postgres.ts';
import type { Psql } from '../../test/support/psql.ts';

/** PostgreSQL's own programs, on a cluster of ours. */

const as = (cluster: Cluster): readonly string[] => ['-h', cluster.folder, '-U', 'postgres'];

/** For the line that names the machine. */
export function versionOf({ version }: Cluster): string {
    return version.replace(/^postgres \(PostgreSQL\) (\S+).*$/, 'PostgreSQL $1');
}

/** The table by `\copy` to nowhere. */
export function copyOut(cluster: Cluster, database: string, table: string): void {
    run(cluster.installation.psql, [...as(cluster), '-d', database, '-Xqc', `\\copy ${table} to /dev/null`]);
}

/** Reads a slot up to a place of the log, to nowhere, with the plugin's options; the milliseconds that it took. */
export function receive(
    cluster: Cluster,
    database: string,
    slot: string,
    end: string,
    options: Readonly<Record<string, string>>,
): number {
    const plugin = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const reading = ['--slot', slot, '--start', '--endpos', end, '-f', '/dev/null', '--no-loop', ...plugin];
    const began = performance.now();
    run(join(cluster.installation.bin, 'pg_recvlogical'), [...as(cluster), '-d', database, ...reading]);
    return performance.now() - began;
}

/** Runs the scripts by turns, so many of them a second; resolves when the time is over. */
export async function write(
    cluster: Cluster,
    scripts: readonly string[],
    rate: number,
    seconds: number,
): Promise<void> {
    const pace = ['-n', '-c', '4', '-j', '1', '-R', String(rate), '-T', String(seconds)];
    const words = [...as(cluster), ...pace, ...scripts.flatMap((one) => ['-f', one]), 'payments'];
    await once(spawn(join(cluster.installation.bin, 'pgbench'), words, { stdio: 'ignore' }), 'close');
}

export async function dropSlots(session: Psql): Promise<void> {
    await session.sql(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database();
        do $$ declare name text; begin for name in select pubname from pg_publication loop execute format('drop publication %I', name); end loop; end $$;`);
}

function run(program: string, words: readonly string[]): void {
    const { status } = spawnSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) {
        throw new Error(`${program} ended with ${status}`);
    }
}
