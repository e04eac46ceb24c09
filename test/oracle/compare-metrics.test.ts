import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { sharedData } from '../support/shared-data.ts';
import { compareMetrics, postgresMetrics } from './compare-metrics.ts';
import { PAYMENTS_RELATIONS, PAYMENTS_TYPES_SQL } from './payments-relations.ts';
import { createSql } from './relation.ts';
import { identifier, literal } from './value-type.ts';

const wal = sharedData('wal.json');
const expected = sharedData('wal.metrics.json');

interface Insert {
    readonly table: string;
    readonly columnnames: readonly string[];
    readonly columnvalues: readonly (string | number | boolean | null)[];
}
interface Metrics {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
}

describe.skipIf(!hasPostgres || wal === undefined || expected === undefined)(
    'the join as PostgreSQL works it out',
    () => {
        const cluster = clusterForTests();

        test('gives the 529 rows that were worked out without SQL, and sees each value that differs', async () => {
            const session = await cluster().createDatabase('metrics');
            await session.sql(PAYMENTS_TYPES_SQL + PAYMENTS_RELATIONS.map(createSql).join('\n'));
            const records = JSON.parse(readFileSync(wal as string, 'utf8')) as { change: Insert[] }[];
            await session.sql(
                records
                    .flatMap((record) => record.change)
                    .map(insertSql)
                    .join('\n'),
            );

            const metrics = JSON.parse(readFileSync(expected as string, 'utf8')) as Metrics;
            const postgres = await postgresMetrics(session);
            const database = metricsDatabase(metrics);
            expect(compareMetrics(postgres, database)).toEqual([]);

            database.exec(
                'update metrics set amount = amount + 1 where event_id = (select min(event_id) from metrics)',
            );
            expect(compareMetrics(postgres, database)).toMatchObject([{ column: 'amount' }]);
            database.exec('delete from metrics where event_id = (select max(event_id) from metrics)');
            expect(compareMetrics(postgres, database)).toHaveLength(2);
            database.exec("insert into metrics (event_id) values ('nobody')");
            expect(compareMetrics(postgres, database)).toHaveLength(3);
        });
    },
);

function insertSql(change: Insert): string {
    const values = change.columnvalues.map((value) => (value === null ? 'null' : literal(String(value))));
    return `insert into ${identifier(change.table)} (${change.columnnames.map(identifier).join(', ')}) values (${values.join(', ')});`;
}

function metricsDatabase(metrics: Metrics): Database.Database {
    const database = new Database(':memory:');
    database.exec(
        `create table metrics (${metrics.columns.map((name) => `${name} ${name === 'amount' ? 'integer' : 'text'}`).join(', ')}) strict`,
    );
    const insert = database.prepare(`insert into metrics values (${metrics.columns.map(() => '?').join(', ')})`);
    for (const row of metrics.rows) {
        insert.run(...row);
    }
    return database;
}
