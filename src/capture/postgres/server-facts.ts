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

/** Who a server is: two with the same names are told apart by it. */
export interface ServerIdentity {
    readonly systemId: string;
    readonly timeline: number;
    readonly databaseOid: string;
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

/** Asks a replication connection. */
export async function serverIdentity(replication: ServerConnection, databaseOid: string): Promise<ServerIdentity> {
    const row = await replication.one('IDENTIFY_SYSTEM');
    return { systemId: row.systemid ?? '', timeline: Number(row.timeline), databaseOid };
}
