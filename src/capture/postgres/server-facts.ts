import type { ServerConnection } from '../../postgres/server-connection.ts';

/** What a server is, as far as following it depends on it. */
export interface ServerFacts {
    readonly major: number;
    readonly version: string;
    readonly isInRecovery: boolean;
    readonly walLevel: string;
    readonly slotsMax: number;
    readonly slotsUsed: number;
    readonly sendersMax: number;
    readonly sendersUsed: number;
    /** Megabytes; -1: without limit. */
    readonly keptForSlotsMb: number;
    /** PostgreSQL 18 and later; seconds, 0: never. Null: the server has no such setting. */
    readonly idleTimeoutSeconds: number | null;
    /** Null: the server has no such setting, and every plugin may be used. */
    readonly allowedPlugins: string | null;
    readonly encoding: string;
    readonly databaseOid: string;
    readonly mayReplicate: boolean;
    readonly mayCreatePublication: boolean;
    readonly bypassesPolicies: boolean;
}

const FACTS = `
    select
        pg_catalog.current_setting('server_version_num') as number,
        pg_catalog.current_setting('server_version') as version,
        pg_catalog.pg_is_in_recovery() as "inRecovery",
        pg_catalog.current_setting('wal_level') as "walLevel",
        pg_catalog.current_setting('max_replication_slots') as "slotsMax",
        (select pg_catalog.count(*) from pg_catalog.pg_replication_slots) as "slotsUsed",
        pg_catalog.current_setting('max_wal_senders') as "sendersMax",
        (select pg_catalog.count(*) from pg_catalog.pg_stat_replication) as "sendersUsed",
        (select setting from pg_catalog.pg_settings where name = 'max_slot_wal_keep_size') as "keptForSlots",
        (select setting from pg_catalog.pg_settings where name = 'idle_replication_slot_timeout') as "idleTimeout",
        pg_catalog.current_setting('output_plugin_libraries', true) as "allowedPlugins",
        pg_catalog.current_setting('server_encoding') as encoding,
        (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()) as "databaseOid",
        pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') as "mayCreate",
        role.rolsuper as super,
        role.rolreplication as replication,
        role.rolbypassrls as bypass,
        coalesce((
            select pg_catalog.bool_or(pg_catalog.pg_has_role(granted.oid, 'MEMBER'))
            from pg_catalog.pg_roles as granted
            where granted.rolname in ('rds_replication', 'rds_superuser', 'cloudsqlsuperuser', 'azure_pg_admin')
        ), false) as managed
    from pg_catalog.pg_roles as role
    where role.rolname = current_user`;

/** How far the server's log goes: what a standby has replayed, of a primary what is on its disk. */
export async function logEnd(connection: ServerConnection): Promise<string> {
    const { lsn } = await connection.one(
        `select case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
            else pg_catalog.pg_current_wal_flush_lsn() end as lsn`,
    );
    return lsn ?? '0/0';
}

export async function serverFacts(connection: ServerConnection): Promise<ServerFacts> {
    const row = await connection.one(FACTS);
    const isTrue = (name: string): boolean => row[name] === 't';
    return {
        major: Math.floor(Number(row.number) / 10_000),
        version: row.version ?? '',
        isInRecovery: isTrue('inRecovery'),
        walLevel: row.walLevel ?? '',
        slotsMax: Number(row.slotsMax),
        slotsUsed: Number(row.slotsUsed),
        sendersMax: Number(row.sendersMax),
        sendersUsed: Number(row.sendersUsed),
        keptForSlotsMb: Number(row.keptForSlots ?? -1),
        idleTimeoutSeconds: row.idleTimeout == null ? null : Number(row.idleTimeout),
        allowedPlugins: row.allowedPlugins ?? null,
        encoding: row.encoding ?? '',
        databaseOid: row.databaseOid ?? '',
        mayReplicate: isTrue('super') || isTrue('replication') || isTrue('managed'),
        mayCreatePublication: isTrue('super') || isTrue('mayCreate'),
        bypassesPolicies: isTrue('super') || isTrue('bypass'),
    };
}
