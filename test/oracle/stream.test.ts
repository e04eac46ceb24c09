import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import type { Cluster } from '../support/postgres.ts';
import type { Psql } from '../support/psql.ts';
import { Random } from '../support/random.ts';
import { capture, createSlot, REPLAY_SLOT } from './capture.ts';
import { compareReplay } from './compare-replay.ts';
import { Coverage } from './coverage.ts';
import { generateRelations } from './generate-relations.ts';
import { postgresTables } from './postgres-rows.ts';
import { Replay } from './replay.ts';
import { runWorlds } from './run-worlds.ts';
import { WORLD_TYPES_SQL } from './value-types.ts';
import { Workload } from './workload.ts';

describe.skipIf(!hasPostgres)('what the stream says is what PostgreSQL has', () => {
    const cluster = clusterForTests();

    test('random histories, stream only', async () => {
        const result = await runWorlds(cluster(), { seed: 1, rounds: 40, roundsPerWorld: 5, withElt: false });
        expect(result.failures).toEqual([]);
    });

    test('a seed writes the same history again', async () => {
        const first = await history(cluster(), 'first', 5);
        const second = await history(cluster(), 'second', 5);
        expect(second.lines).toEqual(first.lines);
        expect((await history(cluster(), 'third', 6)).lines).not.toEqual(first.lines);
    });

    // A comparison that cannot fail proves nothing: each damage to a stream must be seen.
    const damages: readonly { readonly name: string; readonly damage: (lines: readonly string[]) => string[] }[] = [
        {
            name: 'the last insert is lost',
            damage: (lines) => lines.filter((_, index) => index !== lastIndexOf(lines, '"action":"I"')),
        },
        { name: 'all updates are lost', damage: (lines) => lines.filter((line) => !line.includes('"action":"U"')) },
        { name: 'all deletes are lost', damage: (lines) => lines.filter((line) => !line.includes('"action":"D"')) },
        { name: 'all truncates are lost', damage: (lines) => lines.filter((line) => !line.includes('"action":"T"')) },
        { name: 'an absent column is null', damage: (lines) => lines.map(withAbsentColumnsNull) },
        {
            name: 'the old keys are lost',
            damage: (lines) => lines.map((line) => line.replace(/"identity":\[.*?\](?=[,}])/, '"identity":[]')),
        },
        { name: 'numbers are rounded', damage: (lines) => lines.map((line) => JSON.stringify(JSON.parse(line))) },
        { name: 'the notes are lost', damage: (lines) => lines.filter((line) => !line.includes('"prefix":"oracle"')) },
        { name: 'texts are trimmed', damage: (lines) => lines.map((line) => line.replaceAll(/ +"/g, '"')) },
    ];
    test.each(damages)('seen: $name', async ({ damage }) => {
        let found = 0;
        for (let seed = 5; seed < 35 && found === 0; seed += 2) {
            const { session, lines } = await history(cluster(), `damaged_${seed}_${++databases}`, seed);
            expect(await differences(session, lines)).toBe(0);
            found = await differences(session, damage(lines));
            await session.close();
        }
        expect(found).toBeGreaterThan(0);
    });
    let databases = 0;
});

/** How many differences a stream shows; a stream that the replay refuses shows one. */
async function differences(session: Psql, lines: readonly string[]): Promise<number> {
    const replay = new Replay(new Coverage());
    try {
        for (const line of lines) {
            replay.take(line);
        }
    } catch {
        return 1;
    }
    return (await compareReplay(session, await postgresTables(session), replay)).length;
}

async function history(cluster: Cluster, name: string, seed: number) {
    const session = await cluster.createDatabase(name);
    await createSlot(session, REPLAY_SLOT, name);
    const options = { random: new Random(seed), coverage: new Coverage(), truncates: true, typesSql: WORLD_TYPES_SQL };
    const otherSession = cluster.connect(name);
    const workload = new Workload({ session, otherSession, ...options });
    await workload.createRelations(generateRelations(new Random(seed), 6, seed));
    await workload.piece(60);
    const lines = await capture(session, REPLAY_SLOT, name);
    await session.sql(`select pg_drop_replication_slot('${name}_${REPLAY_SLOT.name}');`);
    await otherSession.close();
    return { session, lines };
}

function lastIndexOf(lines: readonly string[], part: string): number {
    return lines.findLastIndex((line) => line.includes(part));
}

/** What a careless loader does: a column that an update leaves out becomes null. */
function withAbsentColumnsNull(line: string): string {
    const event = JSON.parse(line) as { action: string; columns?: { name: string; value: unknown }[] };
    const large = event.columns?.some((column) => column.name.endsWith('_large')) ?? true;
    return event.action === 'U' && !large
        ? line.replace('"columns":[', '"columns":[{"name":"c_large","value":null},')
        : line;
}
