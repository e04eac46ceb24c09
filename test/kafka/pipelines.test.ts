import { copyFileSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { elt, PROJECT, workFolder } from '../support/elt.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { sharedData } from '../support/shared-data.ts';
import type { Sent } from '../support/topic-producer.ts';

/** The pipelines of the project, fed by topics: the same as from files. */

const CASH = ['cash_ins', 'cash_outs_created', 'cash_outs_processed', 'cash_outs_refunded'] as const;

function rowsOf(file: string, sql: string): readonly unknown[] {
    const database = new Database(file, { readonly: true });
    try {
        return database.prepare(sql).all();
    } finally {
        database.close();
    }
}

describe.skipIf(!hasKafka)('pipelines', () => {
    const broker = brokerForTests();

    it('payments through a topic of three partitions: the metrics are those of the file', async () => {
        const folder = workFolder();
        const run = async (words: readonly string[], status = 0): Promise<string> => {
            const ran = await elt(words, { cwd: folder });
            expect([ran.status, ran.stderr]).toEqual([status, expect.any(String)]);
            return ran.stdout;
        };
        const wal = await run(['sample', 'payments']);
        // One array in one line: its records, as they stand there.
        const records = wal
            .trim()
            .slice(1, -1)
            .split(/, ?(?=\{"change")/);
        expect(records.length).toBeGreaterThan(100);
        await broker().createTopic('payments', 3);
        await broker().send(
            'payments',
            records.map((value, index) => ({ value, partition: index % 3 })),
        );
        await run([
            '--pipeline',
            'payments',
            '--db',
            'topic.db',
            'run',
            broker().address('payments'),
            '--format',
            'wal2json',
        ]);
        const file = await elt(['--pipeline', 'payments', '--db', 'file.db', 'run', '-'], { cwd: folder, input: wal });
        expect(file.status).toBe(0);
        const metrics = 'select * from metrics order by 1, 2';
        const wanted = rowsOf(join(folder, 'file.db'), metrics);
        expect(wanted.length).toBeGreaterThan(100);
        expect(rowsOf(join(folder, 'topic.db'), metrics)).toEqual(wanted);
    });

    it.skipIf(sharedData('cash_ins.json') === undefined)(
        'cash_flow: four topics in chunks of 500, twice: the same rows, and as from the files',
        async () => {
            const folder = workFolder();
            for (const kind of ['sql', 'migrations']) {
                mkdirSync(join(folder, kind), { recursive: true });
                cpSync(join(PROJECT, kind, 'cash_flow'), join(folder, kind, 'cash_flow'), { recursive: true });
            }
            const common = ['--project', folder, '--pipeline', 'cash_flow'];
            for (const topic of CASH) {
                const path = sharedData(`${topic}.json`) as string;
                copyFileSync(path, join(folder, `${topic}.json`));
                const rows = JSON.parse(readFileSync(path, 'utf8')) as { transaction_id: string }[];
                await broker().createTopic(topic, 3);
                await broker().send(
                    topic,
                    rows.map((row): Sent => ({ key: row.transaction_id, value: JSON.stringify(row) })),
                );
            }
            const address = broker().address(...CASH);
            const follow = [...common, '--db', 'topics.db', '--json', 'run', address, '--chunk', '500'];
            const once = await elt(follow, { cwd: folder });
            expect([once.status, once.stderr]).toEqual([0, expect.any(String)]);
            const committed = once.stdout
                .split('\n')
                .filter((line) => line.includes('"committed"'))
                .map((line) => (JSON.parse(line) as { changes: number }).changes);
            const sizes = committed.map((changes, index) => changes - (committed[index - 1] ?? 0));
            expect(sizes.length).toBeGreaterThan(4);
            expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
            const movements = 'select * from movements order by 1, 2, 3';
            const first = rowsOf(join(folder, 'topics.db'), movements);
            const again = await elt(follow, { cwd: folder });
            expect([again.status, rowsOf(join(folder, 'topics.db'), movements)]).toEqual([0, first]);
            const files = CASH.map((topic) => `${topic}.json`);
            const ran = await elt([...common, '--db', 'files.db', 'run', ...files], { cwd: folder });
            expect([ran.status, ran.stderr]).toEqual([0, expect.any(String)]);
            expect(rowsOf(join(folder, 'files.db'), movements)).toEqual(first);
            expect(first.length).toBeGreaterThan(100);
        },
        180_000,
    );
});
