import type { ServerAddress } from '../../postgres/server-address.ts';
import type { ServerConnection } from '../../postgres/server-connection.ts';
import { quoteIdentifier } from '../../postgres/server-quote.ts';
import type { ServerFacts } from './server-facts.ts';
import type { SourceFinding } from './source-finding.ts';

/** Messages in the stream came with it, and it is the oldest that PostgreSQL's developers still fix. */
const OLDEST = 14;
/** The first one whose standbys have slots of their own. */
const STANDBY_SLOTS = 16;
const SERVER = 'the server';

/** What a source is to be followed by. */
export interface WantedSlot {
    readonly plugin: 'pgoutput' | 'wal2json';
    /** The slot is there already. */
    readonly hasSlot: boolean;
    /** The publications are there already, created by a role that may. */
    readonly hasPublication: boolean;
}

/** What stands in the server's way, and what a person should know of it. */
export async function checkServer(
    connection: ServerConnection,
    address: ServerAddress,
    facts: ServerFacts,
    wanted: WantedSlot,
): Promise<readonly SourceFinding[]> {
    return [
        ...versionFindings(facts),
        ...settingFindings(facts, wanted),
        ...rightFindings(address, facts, wanted),
        ...keepFindings(facts),
        ...(wanted.hasSlot ? [] : await openTransactions(connection)),
    ];
}

function versionFindings(facts: ServerFacts): readonly SourceFinding[] {
    const findings: SourceFinding[] = [];
    if (facts.major < OLDEST) {
        findings.push({
            subject: SERVER,
            finding: `is PostgreSQL ${facts.version}`,
            effect: `it is older than ${OLDEST}, the first that can be followed`,
            sql: [],
            refuses: true,
        });
    }
    if (facts.isInRecovery) {
        const isNew = facts.major >= STANDBY_SLOTS;
        findings.push({
            subject: SERVER,
            finding: 'is a standby',
            effect: isNew
                ? 'its publications must be made on the primary, and a slot waits until the primary runs "select pg_log_standby_snapshot()"'
                : `standbys before PostgreSQL ${STANDBY_SLOTS} have no logical slots: name the primary`,
            sql: [],
            refuses: !isNew,
        });
    }
    if (facts.encoding === 'SQL_ASCII') {
        findings.push({
            subject: 'the database',
            finding: 'has the encoding SQL_ASCII',
            effect: 'its texts may be of any encoding, and one that is no UTF-8 ends the copy or the stream with SOURCE_NOT_UTF8',
            sql: [],
            refuses: false,
        });
    }
    return findings;
}

function settingFindings(facts: ServerFacts, wanted: WantedSlot): readonly SourceFinding[] {
    const findings: SourceFinding[] = [];
    if (facts.walLevel !== 'logical') {
        findings.push({
            subject: SERVER,
            finding: `has wal_level = ${facts.walLevel}`,
            effect: 'its log does not hold row changes; a managed service calls it logical replication (rds.logical_replication = 1)',
            sql: ["alter system set wal_level = 'logical'; -- then restart the server"],
            refuses: true,
        });
    }
    if (!wanted.hasSlot && facts.slotsUsed >= facts.slotsMax) {
        findings.push({
            subject: SERVER,
            finding: `has no free replication slot: ${facts.slotsUsed} of ${facts.slotsMax} are taken`,
            effect: 'no slot can be created',
            sql: [
                "select slot_name, active, restart_lsn from pg_replication_slots; -- one of them may be nobody's any more",
                `alter system set max_replication_slots = ${facts.slotsMax + 5}; -- then restart the server`,
            ],
            refuses: true,
        });
    }
    if (facts.sendersUsed >= facts.sendersMax) {
        findings.push({
            subject: SERVER,
            finding: `has no free replication connection: ${facts.sendersUsed} of ${facts.sendersMax} are taken`,
            effect: 'no stream can begin',
            sql: [`alter system set max_wal_senders = ${facts.sendersMax + 5}; -- then restart the server`],
            refuses: true,
        });
    }
    if (facts.allowedPlugins !== null && wanted.plugin === 'wal2json' && !/\bwal2json\b/.test(facts.allowedPlugins)) {
        findings.push({
            subject: SERVER,
            finding: `allows the output plugins "${facts.allowedPlugins}"`,
            effect: 'wal2json is not among them',
            sql: ["alter system set output_plugin_libraries = 'wal2json'; -- then: select pg_reload_conf();"],
            refuses: true,
        });
    }
    return findings;
}

function rightFindings(
    { user, database }: ServerAddress,
    facts: ServerFacts,
    wanted: WantedSlot,
): readonly SourceFinding[] {
    const findings: SourceFinding[] = [];
    const [role, name] = [quoteIdentifier(user), quoteIdentifier(database)];
    if (!facts.mayReplicate) {
        findings.push({
            subject: `the user "${user}"`,
            finding: 'may not replicate',
            effect: 'it can neither create a slot nor read one; on a managed service, grant its replication role (rds_replication)',
            sql: [`alter role ${role} replication;`],
            refuses: true,
        });
    }
    if (!wanted.hasPublication && wanted.plugin === 'pgoutput' && !facts.mayCreatePublication) {
        findings.push({
            subject: `the user "${user}"`,
            finding: 'may not create publications in this database',
            effect: 'grant it, or have the owner create them, and name them with --publication',
            sql: [`grant create on database ${name} to ${role};`],
            refuses: true,
        });
    }
    return findings;
}

/** How long a follower may be away. */
function keepFindings(facts: ServerFacts): readonly SourceFinding[] {
    const findings: SourceFinding[] = [];
    if (facts.keptForSlotsMb < 0) {
        findings.push({
            subject: SERVER,
            finding: 'keeps its log for slots without limit (max_slot_wal_keep_size = -1)',
            effect: 'while nobody follows, the log grows until the disk of the server is full',
            sql: ["alter system set max_slot_wal_keep_size = '50GB'; -- then: select pg_reload_conf();"],
            refuses: false,
        });
    } else {
        findings.push({
            subject: SERVER,
            finding: `keeps ${facts.keptForSlotsMb} MB of its log for slots (max_slot_wal_keep_size)`,
            effect: 'when nobody follows for longer than it takes to write as much, the slot is lost and all tables must be copied again',
            sql: [],
            refuses: false,
        });
    }
    if (facts.idleTimeoutSeconds !== null && facts.idleTimeoutSeconds > 0) {
        findings.push({
            subject: SERVER,
            finding: `gives up slots that nobody reads for ${facts.idleTimeoutSeconds} s (idle_replication_slot_timeout)`,
            effect: 'a follower that is away for longer must copy all tables again',
            sql: [],
            refuses: false,
        });
    }
    return findings;
}

interface OpenTransaction {
    readonly pid: string | null;
    readonly words: string;
    readonly seconds: string;
}

/** The creation of a slot waits for every transaction that is open, in any database of the server. */
async function openTransactions(connection: ServerConnection): Promise<readonly SourceFinding[]> {
    const rows = await connection.rows<OpenTransaction>(
        `select pid, pg_catalog.concat_ws(', ', nullif(application_name, ''), datname, state) as words,
            pg_catalog.floor(extract(epoch from pg_catalog.now() - xact_start)) as seconds
        from pg_catalog.pg_stat_activity
        where backend_xid is not null and pid <> pg_catalog.pg_backend_pid()
            and xact_start < pg_catalog.now() - interval '10 seconds'
        union all
        select null, 'prepared transaction ' || gid || ', ' || database,
            pg_catalog.floor(extract(epoch from pg_catalog.now() - prepared))
        from pg_catalog.pg_prepared_xacts
        where prepared < pg_catalog.now() - interval '10 seconds'
        order by seconds desc
        limit 5`,
    );
    return rows.map(({ pid, words, seconds }) => ({
        subject: pid === null ? SERVER : `process ${pid} of the server`,
        finding: `has had a transaction open for ${seconds} s (${words})`,
        effect: 'a slot is created when it ends, and not before',
        sql: pid === null ? [] : [`select pg_terminate_backend(${pid});`],
        refuses: false,
    }));
}
