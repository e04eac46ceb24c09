import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closeDatabase, type Database } from '../../src/sqlite/database.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { propertyRuns } from '../support/properties.ts';
import { documentsOfMart, pushTo, rowsInPostgres, rowsOfMart, shapeOf } from '../support/pushed-rows.ts';
import { RowPipeline } from '../support/row-pipeline.ts';
import { hasSearch, searchForTests } from '../support/search-server.ts';

/**
 * Whatever happens to a mart between two pushes, and to whichever of its targets one of them goes: a target that was
 * pushed holds what the mart holds.
 */

const KEYS = ['a', 'b', 'B', 'é\t"', '7', '007'];
const VALUES = [null, '', 'x', '\\N', 'line\nend', 7n, 9007199254740993n, 0.5];

type Step =
    | { readonly do: 'put' | 'replace'; readonly key: number; readonly n: number; readonly value: number }
    | { readonly do: 'delete' | 'move'; readonly key: number; readonly n: number }
    | { readonly do: 'delete all' | 'fill again' | 'drop' | 'add column' | 'touch' }
    | { readonly do: 'push'; readonly target: number };

const key = fc.nat(KEYS.length - 1);
const n = fc.nat(1);
const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), key, n, value: fc.nat(VALUES.length - 1) }) },
    {
        weight: 2,
        arbitrary: fc.record({ do: fc.constant('replace' as const), key, n, value: fc.nat(VALUES.length - 1) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'move' as const), key, n }) },
    {
        weight: 2,
        arbitrary: fc.record({
            do: fc.constantFrom(
                'delete all' as const,
                'fill again' as const,
                'drop' as const,
                'add column' as const,
                'touch' as const,
            ),
        }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('push' as const), target: fc.nat(1) }) },
);

describe.skipIf(!hasPostgres)('random changes', () => {
    const cluster = clusterForTests();
    const search = hasSearch ? searchForTests() : undefined;
    let rounds = 0;

    test('a target that was pushed holds what the mart holds', async () => {
        const session = await cluster().createDatabase('changes');
        await fc.assert(
            fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), async (steps) => {
                const name = `r${rounds++}`;
                const pipeline = await RowPipeline.create('card_spend');
                const { database } = pipeline;
                const world = new MartWorld(database);
                const tables = [`t_${name}_0`, `t_${name}_1`];
                for (const one of [...steps, { do: 'push', target: 0 } as const, { do: 'push', target: 1 } as const]) {
                    if (one.do !== 'push') {
                        world.take(one);
                        continue;
                    }
                    const table = tables[one.target] as string;
                    const address = cluster().address('changes').replace('/changes?', `/changes/${table}?`);
                    await pushTo(database, 'mart', [address]);
                    const shape = shapeOf(database, 'mart');
                    expect(await rowsInPostgres(session, table, shape)).toEqual(rowsOfMart(database, shape));
                    if (one.target === 0 && search !== undefined) {
                        await pushTo(database, 'mart', [`${search().base}/${name}`]);
                        const held = await search().documents(name);
                        expect(texts(held)).toEqual(texts(documentsOfMart(database, shape)));
                    }
                }
                await session.sql(`drop table if exists ${tables.join(', ')};`);
                await search?.().send('DELETE', `/${name}-*`);
                closeDatabase(database);
            }),
            propertyRuns(8),
        );
        await session.close();
    });
});

function texts(documents: ReadonlyMap<string, unknown>): readonly string[] {
    return [...documents].map((document) => JSON.stringify(document)).sort();
}

class MartWorld {
    readonly #database: Database;
    #columns = 0;

    constructor(database: Database) {
        this.#database = database;
        this.#create();
    }

    take(step: Exclude<Step, { do: 'push' }>): void {
        const database = this.#database;
        switch (step.do) {
            case 'put':
                database
                    .prepare(
                        'insert into mart (k, n, value) values (?, ?, ?) on conflict do update set value = excluded.value',
                    )
                    .run(KEYS[step.key], step.n, VALUES[step.value]);
                return;
            case 'replace':
                database
                    .prepare('insert or replace into mart (k, n, value) values (?, ?, ?)')
                    .run(KEYS[step.key], step.n, VALUES[step.value]);
                return;
            case 'delete':
                database.prepare('delete from mart where k = ? and n = ?').run(KEYS[step.key], step.n);
                return;
            case 'move':
                database
                    .prepare('update or ignore mart set n = 1 - n where k = ? and n = ?')
                    .run(KEYS[step.key], step.n);
                return;
            case 'delete all':
                database.exec('delete from mart');
                return;
            case 'fill again':
                database.exec(
                    'begin; create table kept as select * from mart; delete from mart; insert into mart select * from kept; drop table kept; commit',
                );
                return;
            case 'drop':
                database.exec('drop table mart');
                this.#create();
                database.exec("insert into mart (k, n, value) values ('a', 0, 'again')");
                return;
            case 'add column':
                this.#columns++;
                database.exec(`alter table mart add column more_${this.#columns} text`);
                return;
            default:
                database.exec("update mart set value = 'touched' where n = 0");
        }
    }

    #create(): void {
        const more = Array.from({ length: this.#columns }, (_, index) => `, more_${index + 1} text`).join('');
        this.#database.exec(
            `create table mart (k text not null, n integer not null, value any${more}, primary key (k, n)) strict`,
        );
    }
}
