import type { EltError } from '../../core/errors.ts';
import type { ServerAddress } from '../../postgres/server-address.ts';
import { ServerConnection } from '../../postgres/server-connection.ts';
import { serverError, serverErrorFacts } from '../../postgres/server-error.ts';
import { type CreatedSlot, createSlot, dropSlot } from './replication-slot.ts';
import type { ServerFacts } from './server-facts.ts';

/** What a new slot is to be. */
export interface NewSlot {
    readonly name: string;
    readonly plugin: 'pgoutput' | 'wal2json';
    /** It goes with the connection. */
    readonly isTemporary: boolean;
}

/** A slot that was just created, with the connection whose silence keeps its snapshot. */
export interface SlotWithSnapshot extends CreatedSlot {
    readonly replication: ServerConnection;
}

export interface SlotWait {
    /** The creation waits: for whom. */
    readonly waiting: (blockers: readonly string[], seconds: number) => void;
    readonly isInterrupted: () => boolean;
}

const FIRST_LOOK_MS = 1_000;
const LOOK_MS = 5_000;
const TURN_MS = 100;

const BLOCKERS = `
    with waiter as (
        select transactionid from pg_catalog.pg_locks where pid = $1 and not granted and locktype = 'transactionid'
    )
    select pg_catalog.concat('process ', activity.pid, ' (', pg_catalog.concat_ws(', ',
        nullif(activity.application_name, ''), activity.datname, activity.state), '), open for ',
        pg_catalog.floor(extract(epoch from pg_catalog.now() - activity.xact_start)), ' s') as words
    from waiter
    join pg_catalog.pg_locks as holder on holder.transactionid = waiter.transactionid and holder.granted
    join pg_catalog.pg_stat_activity as activity on activity.pid = holder.pid
    union all
    select pg_catalog.concat('the prepared transaction "', gid, '" (', database, '), open for ',
        pg_catalog.floor(extract(epoch from pg_catalog.now() - prepared)), ' s')
    from waiter
    join pg_catalog.pg_prepared_xacts on transaction = waiter.transactionid`;

/**
 * Creates a slot with an exported snapshot. It waits for the transactions that are open in the cluster, and says for
 * which; null: it was interrupted meanwhile, and nothing of the slot is left.
 */
export async function createSlotWaiting(
    connection: ServerConnection,
    address: ServerAddress,
    slot: NewSlot,
    facts: ServerFacts,
    wait: SlotWait,
): Promise<SlotWithSnapshot | null> {
    const replication = await ServerConnection.open(address, 'replication');
    const withFailover = facts.major >= 17 && !facts.isInRecovery && slot.plugin === 'pgoutput';
    const { pid } = replication;
    const outcome: { created?: CreatedSlot; error?: unknown; isThere: boolean } = { isThere: false };
    const creation = createSlot(replication, { ...slot, withFailover }, facts.major)
        .then((created) => {
            outcome.created = created;
        })
        .catch((error: unknown) => {
            outcome.error = error;
        })
        .finally(() => {
            outcome.isThere = true;
        });
    const began = performance.now();
    for (let look = began + FIRST_LOOK_MS; !outcome.isThere; ) {
        await Promise.race([creation, new Promise((resolve) => setTimeout(resolve, TURN_MS))]);
        if (!outcome.isThere && wait.isInterrupted()) {
            await giveUp(connection, replication, slot.name, pid);
            return null;
        }
        if (!outcome.isThere && performance.now() >= look) {
            look = performance.now() + LOOK_MS;
            const rows = await connection.rows<{ readonly words: string }>(BLOCKERS, [pid]);
            const seconds = Math.round((performance.now() - began) / 1_000);
            wait.waiting(
                rows.map(({ words }) => words),
                seconds,
            );
        }
    }
    if (outcome.created === undefined) {
        await replication.close();
        throw creationError(outcome.error, address, slot);
    }
    return { ...outcome.created, replication };
}

/** The server's process waits for a lock, and does not notice that nobody listens any more. */
async function giveUp(
    connection: ServerConnection,
    replication: ServerConnection,
    name: string,
    pid: number,
): Promise<void> {
    await connection.rows('select pg_catalog.pg_terminate_backend($1)', [pid]).catch(() => undefined);
    replication.destroy();
    await dropSlot(connection, name);
}

function creationError(error: unknown, address: ServerAddress, { name, plugin }: NewSlot): EltError {
    const { code, message } = serverErrorFacts(error);
    const known = serverError(error, address, `create the replication slot "${name}"`);
    if (code === '58P01' || /could not access file/.test(message)) {
        return known.withNew({
            code: 'SOURCE_UNFIT',
            found: `the server has no output plugin "${plugin}"`,
            next: plugin === 'wal2json' ? 'install it, or take --plugin pgoutput, which every server has' : undefined,
        });
    }
    if (code === '42710') {
        return known.withNew({
            code: 'SOURCE_UNFIT',
            found: 'a slot of that name is there, and this database did not create it',
            next: 'name another one with --slot',
        });
    }
    if (code === '53400') {
        return known.withNew({ code: 'SOURCE_UNFIT', next: 'see "elt source check"' });
    }
    return known;
}
