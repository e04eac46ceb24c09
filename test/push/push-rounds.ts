import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProjectFiles } from '../../src/project/model-files.ts';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { elt, ended, PROJECT, type Ran, startElt, workFolder } from '../support/elt.ts';
import type { Cluster } from '../support/postgres.ts';
import { documentsOfMart, rowsInPostgres, rowsOfMart, shapeOf } from '../support/pushed-rows.ts';
import { Random } from '../support/random.ts';
import type { SearchServer } from '../support/start-search.ts';

/** Pushes of a stream of inserts, updates, deletes and moved keys, each killed at any moment, and then done again. */

interface Rounds {
    readonly cluster: Cluster;
    readonly search: SearchServer;
    readonly seed: number;
    readonly kills: number;
    readonly log?: (line: string) => void;
}

export interface RoundsDone {
    readonly rounds: number;
    readonly kills: number;
    /** What was wrong; empty as it should be. */
    readonly wrong: readonly string[];
}

const RECORDS_A_ROUND = 120;
const FAILPOINTS = ['push begun', 'pushed', 'rows merged', 'documents written', 'position written'];

export async function pushRounds({ cluster, search, seed, kills, log = () => undefined }: Rounds): Promise<RoundsDone> {
    const numbers = new Random(seed);
    const random = (): number => numbers.uint32() / 2 ** 32;
    const name = `rounds_${seed}`;
    const session = await cluster.createDatabase(name);
    const cwd = workFolder();
    const common = ['--pipeline', 'payments', '--db', 'payments.db'];
    const targets = [cluster.address(name).replace(`/${name}?`, `/${name}/metrics?`), `${search.base}/${name}`];
    const lines = (
        await elt([
            'sample',
            'payments',
            '--mix',
            'changes',
            '--shape',
            'lines',
            '--records',
            '60000',
            '--seed',
            String(seed),
        ])
    ).stdout.split('\n');
    const files = readProjectFiles(join(PROJECT, 'sql'), 'payments');
    const wrong: string[] = [];
    let [round, killed, calmMs] = [0, 0, 400];
    let before: readonly string[] = [];

    const check = async (isDone: boolean): Promise<readonly string[]> => {
        const database = openDatabase(join(cwd, 'payments.db'), { readonly: true });
        try {
            const shape = shapeOf(database, 'metrics', files);
            const here = rowsOfMart(database, shape);
            const isThere = (await session.sql("select to_regclass('metrics') is not null;")) === 't';
            const there = isThere ? await rowsInPostgres(session, 'metrics', shape) : [];
            const same = JSON.stringify(there) === JSON.stringify(here);
            if (!same && (isDone || JSON.stringify(there) !== JSON.stringify(before))) {
                wrong.push(`round ${round}: PostgreSQL has a state that the mart never had`);
            }
            if (isDone) {
                const documents = new Map([...documentsOfMart(database, shape)].sort());
                const held = new Map([...(await search.documents(name))].sort());
                if (
                    JSON.stringify([...documents]) !==
                    JSON.stringify([...held].map(([id, one]) => [id, ordered(one, shape)]))
                ) {
                    wrong.push(
                        `round ${round}: the index has ${held.size} documents, not the ${documents.size} of the mart`,
                    );
                }
            }
            return here;
        } finally {
            closeDatabase(database);
        }
    };

    while (killed < kills && wrong.length === 0) {
        const chunk = lines.slice(round * RECORDS_A_ROUND, ++round * RECORDS_A_ROUND);
        writeFileSync(join(cwd, `chunk-${round}.jsonl`), `${chunk.join('\n')}\n`);
        expectDone(await elt([...common, 'run', `chunk-${round}.jsonl`], { cwd }));
        for (let attempt = 0; attempt < 2 && killed < kills; attempt++) {
            const failpoint = random() < 0.4 ? FAILPOINTS[Math.floor(random() * FAILPOINTS.length)] : undefined;
            const env = failpoint === undefined ? {} : { ELT_FAILPOINT: failpoint };
            const full = random() < 0.2 ? ['--full'] : [];
            const child = startElt([...common, 'push', 'metrics', ...full, '--to', ...targets], { cwd, env });
            const end = ended(child);
            if (failpoint === undefined) {
                await sleep(random() * calmMs);
                child.kill('SIGKILL');
            }
            const ran = await end;
            killed += ran.signal === 'SIGKILL' ? 1 : 0;
            if (ran.signal === null) {
                expectDone(ran);
            }
            await check(false);
        }
        const began = performance.now();
        expectDone(await elt([...common, 'push', 'metrics', '--to', ...targets], { cwd }));
        calmMs = Math.min(2_000, performance.now() - began);
        before = await check(true);
        log(`round ${round}: ${killed} kills, ${before.length} rows`);
    }
    const verified = await elt([...common, 'push', 'metrics', '--verify', '--to', ...targets], { cwd });
    if (verified.status !== 0) {
        wrong.push(verified.stdout + verified.stderr);
    }
    await session.close();
    await cluster.dropDatabase(name);
    return { rounds: round, kills: killed, wrong };
}

function expectDone(ran: Ran): void {
    if (ran.status !== 0) {
        throw new Error(`ended with ${ran.status}:\n${ran.stdout}\n${ran.stderr}`);
    }
}

function ordered(document: Record<string, unknown>, { columns }: { columns: readonly { name: string }[] }): unknown {
    return Object.fromEntries(columns.map(({ name }) => [name, document[name]]));
}
