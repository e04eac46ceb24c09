import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase } from '../../src/sqlite/database.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { CLI, NODE, workFolder } from '../support/elt.ts';
import { RowPipeline } from '../support/row-pipeline.ts';

/** What a push needs of memory does not grow with the mart: 150 MB of it pass through either target. */

const ROWS = 300_000;
const RSS_MB_MAX = 150;
/** Two requests of 4 MB are on the way and a third is gathered, each as rows, text and bytes. */
const RSS_OF_REQUESTS_MB_MAX = 230;
/** Prints the most memory that the process ever had resident, in KiB. */
const WATCH =
    'data:text/javascript,process.on("exit",()=>process.stderr.write("maxRSS "+process.resourceUsage().maxRSS+"\\n"))';

describe('a mart of 150 MB', () => {
    const cwd = workFolder();

    beforeAll(async () => {
        const pipeline = await RowPipeline.create('card_spend');
        pipeline.database.exec(`create table wide (id integer primary key, note text not null) strict;
            insert into wide
            with recursive counted (id) as (select 1 union all select id + 1 from counted where id < ${ROWS})
            select id, hex(randomblob(250)) from counted;`);
        await pipeline.database.backup(join(cwd, 'wide.db'));
        closeDatabase(pipeline.database);
    });

    async function megabytes(words: readonly string[]): Promise<number> {
        const common = ['--pipeline', 'card_spend', '--db', 'wide.db', '--quiet'];
        const child = spawn(NODE, ['--import', WATCH, CLI, ...common, 'push', 'wide', ...words], { cwd });
        const err: string[] = [];
        child.stderr.on('data', (chunk: Buffer) => err.push(String(chunk)));
        const status = await new Promise((resolve) => child.on('close', resolve));
        expect([status, err.join('').replace(/\d+/, 'n')]).toEqual([0, 'maxRSS n\n']);
        return Number(/maxRSS (\d+)/.exec(err.join(''))?.[1]) / 1_024;
    }

    describe.skipIf(!hasPostgres)('in PostgreSQL', () => {
        const cluster = clusterForTests();

        test('is pushed, compared in place and verified', async () => {
            const session = await cluster().createDatabase('memory');
            const to = ['--to', cluster().address('memory').replace('/memory?', '/memory/wide?')];
            for (const more of [[], ['--full'], ['--verify']]) {
                expect(await megabytes([...to, ...more])).toBeLessThan(RSS_MB_MAX);
            }
            expect(await session.sql('select count(*) from wide;')).toBe(String(ROWS));
            await session.close();
        }, 120_000);
    });

    describe('in an index', () => {
        let documents = 0;
        const index = createServer(async (request, response) => {
            const isBulk = request.url?.includes('_bulk') === true;
            const taken = isBulk ? (await linesOf(request)) / 2 : 0;
            documents += taken;
            const items = Array.from({ length: taken }, () => ({ index: { status: 201 } }));
            request.resume();
            response.writeHead(request.method === 'GET' ? 404 : 200).end(JSON.stringify({ items }));
        });
        let address = '';

        beforeAll(async () => {
            await new Promise<void>((resolve) => index.listen(0, '127.0.0.1', resolve));
            address = `http://127.0.0.1:${(index.address() as AddressInfo).port}/wide`;
        });
        afterAll(() => {
            index.closeAllConnections();
            index.close();
        });

        // The server takes everything in and keeps nothing: what is measured is this side.
        test('is pushed', async () => {
            expect(await megabytes(['--to', address])).toBeLessThan(RSS_OF_REQUESTS_MB_MAX);
            expect(documents).toBe(ROWS);
        }, 120_000);
    });
});

async function linesOf(request: IncomingMessage): Promise<number> {
    let lines = 0;
    for await (const piece of request as AsyncIterable<Buffer>) {
        for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) {
            lines++;
        }
    }
    return lines;
}
