import { parseArgs } from 'node:util';
import { FollowWorld } from '../support/follow-world.ts';
import { type Cluster, findPostgres, NO_POSTGRES, startCluster } from '../support/postgres.ts';
import { Random } from '../support/random.ts';
import { BEFORE_STREAM, IN_STREAM, killedAt, killedAtRandom, losses } from './killed-follower.ts';
import { LARGE_TABLE, largeTransaction } from './large-transaction.ts';
import { WRITTEN_TABLES, Writers } from './writers.ts';

/*
 * npm run follow-tests -- [--seed N] [--kills N] [--megabytes N] [--ticks N] [--only NAME]
 * What the tests of this folder do in short, at length, each on a real server: a follower that is killed at every
 * place and at random, restarts of the server in between, commits that follow right after each other, one transaction of
 * a gigabyte, and as many commits as a day has. Prints its seed; the same seed does the same again.
 * Exit status 0: nothing was lost or doubled; 1: something was; 2: it cannot run.
 */
const { values } = parseArgs({
    options: {
        seed: { type: 'string', default: String(Date.now() % 100_000) },
        kills: { type: 'string', default: '20' },
        megabytes: { type: 'string', default: '1000' },
        ticks: { type: 'string', default: '20000' },
        only: { type: 'string' },
    },
});
const seed = Number(values.seed);
const MEMORY_MB_MAX = 200;
/** The last twentieth of the ticks may take so much more of the processor than the second one. */
const GROWTH_MAX = 1.2;

const PARTS: Readonly<Record<string, (cluster: Cluster) => Promise<readonly string[]>>> = {
    'killed at every place': (cluster) => kills(cluster, 'places', BEFORE_STREAM, IN_STREAM, 0),
    'killed at random': (cluster) => kills(cluster, 'random', [], [], Number(values.kills)),
    'restarts of the server': restarts,
    'adjacent commits': adjacent,
    'one large transaction': large,
    'many ticks': ticks,
};

process.exitCode = await main();

async function main(): Promise<number> {
    const installation = findPostgres();
    if (installation === undefined) {
        console.error(NO_POSTGRES);
        return 2;
    }
    console.log(`seed ${seed}; again: npm run follow-tests -- --seed ${seed} --kills ${values.kills}`);
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    let failed = 0;
    for (const [name, part] of Object.entries(PARTS)) {
        if (values.only !== undefined && values.only !== name) {
            continue;
        }
        const cluster = startCluster(installation);
        const began = performance.now();
        const found = await part(cluster).catch((error: unknown) => [String(error)]);
        await cluster.stop();
        failed += found.length;
        const seconds = Math.round((performance.now() - began) / 1_000);
        console.log(`${found.length === 0 ? 'good  ' : 'FAILED'}  ${name} (${seconds} s)`);
        for (const line of found) {
            console.log(`        ${line}`);
        }
    }
    return failed === 0 ? 0 : 1;
}

/** In the end every table is as PostgreSQL has it, and what only grows is there once. */
async function kills(
    cluster: Cluster,
    name: string,
    before: readonly string[],
    within: readonly string[],
    count: number,
): Promise<readonly string[]> {
    const random = new Random(seed);
    const world = await FollowWorld.open(cluster, `killed_${name}`, WRITTEN_TABLES);
    const writers = new Writers(cluster, world.name);
    writers.start(seed);
    for (const place of before) {
        await killedAt(world, place);
    }
    // A quarter of the kills at random come before the stream, or so early that it may be.
    for (let kill = 0; kill < count / 4; kill++) {
        await killedAtRandom(world, random);
    }
    await world.catchUp();
    await world.scaffold();
    for (const place of within) {
        await killedAt(world, place);
    }
    for (let kill = 0; kill < (count * 3) / 4; kill++) {
        await killedAtRandom(world, random);
    }
    await writers.stop();
    await world.catchUp();
    const found = await losses(world);
    await writers.close();
    await world.close();
    return found;
}

async function restarts(cluster: Cluster): Promise<readonly string[]> {
    const random = new Random(seed);
    const world = await FollowWorld.open(cluster, 'restarted', WRITTEN_TABLES);
    await world.catchUp();
    await world.scaffold();
    const writers = new Writers(cluster, world.name);
    const following = world.follow();
    await following.says('following');
    writers.start(seed);
    for (let turn = 0; turn < 6; turn++) {
        await new Promise((resolve) => setTimeout(resolve, random.int(500, 2_500)));
        cluster.restart(turn % 2 === 0 ? 'fast' : 'immediate');
    }
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await writers.stop();
    await world.reconnect();
    await world.settled();
    await following.stop();
    const found = await losses(world);
    await writers.close();
    await world.close();
    return found;
}

async function adjacent(cluster: Cluster): Promise<readonly string[]> {
    const rounds = 60;
    const world = await FollowWorld.open(cluster, 'adjacent', 'create table ledger (id int primary key);');
    await world.catchUp();
    const [one, other] = [cluster.connect(world.name), cluster.connect(world.name)];
    for (let round = 1; round <= rounds; round++) {
        await one.sql(`begin; insert into ledger values (${2 * round});`);
        await other.sql(`begin; insert into ledger values (${2 * round + 1});`);
        await Promise.all([one.sql('commit;'), other.sql('commit;')]);
        await world.follow(['--every', '0ms'], { ELT_FAILPOINT: 'committed' }).ended();
    }
    await one.close();
    await other.close();
    await world.catchUp();
    await world.scaffold();
    const found = await losses(world);
    await world.close();
    return found;
}

async function large(cluster: Cluster): Promise<readonly string[]> {
    const world = await FollowWorld.open(cluster, 'large', LARGE_TABLE);
    await world.catchUp();
    await world.scaffold();
    const { memoryMb, seen, rows, seconds } = await largeTransaction(world, Number(values.megabytes));
    await world.close();
    console.log(
        `        ${values.megabytes} MB in one transaction: ${Math.round(memoryMb)} MB of memory, ${Math.round(seconds)} s`,
    );
    return [
        ...(memoryMb < MEMORY_MB_MAX ? [] : [`${Math.round(memoryMb)} MB of memory, ${MEMORY_MB_MAX} at most`]),
        ...(seen.every((count) => count === 100 || count === rows + 100)
            ? []
            : [`readers saw ${seen.join(', ')} rows`]),
    ];
}

/** A commit for each of many changes: processor time and memory are those of the beginning. */
async function ticks(cluster: Cluster): Promise<readonly string[]> {
    const { manyTicks } = await import('./many-ticks.ts');
    const world = await FollowWorld.open(
        cluster,
        'ticks',
        'create table plain (id int primary key, words text); insert into plain values (0);',
    );
    await world.catchUp();
    await world.scaffold();
    const { early, late, memoryMb } = await manyTicks(world, Number(values.ticks));
    await world.close();
    console.log(
        `        CPU a tick: ${early.toFixed(2)} ms early, ${late.toFixed(2)} ms late; ${Math.round(memoryMb)} MB`,
    );
    return late <= early * GROWTH_MAX
        ? []
        : [`a tick takes ${late.toFixed(2)} ms of CPU, ${early.toFixed(2)} at first`];
}
