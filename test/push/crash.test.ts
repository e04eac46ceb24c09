import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt, workFolder } from '../support/elt.ts';
import { hasSearch, searchForTests } from '../support/search-server.ts';
import { pushRounds } from './push-rounds.ts';

/** `npm run push-tests -- --seed N --kills 50` is the long form. */
describe.skipIf(!hasPostgres || !hasSearch)('kill -9 between and inside pushes', () => {
    const cluster = clusterForTests();
    const search = searchForTests();

    test('the next push makes both targets equal to the mart, and PostgreSQL never has a state of its own', async () => {
        const done = await pushRounds({ cluster: cluster(), search: search(), seed: 1, kills: 5 });
        expect([done.kills, done.wrong]).toEqual([5, []]);
    }, 180_000);

    test.each(['push begun', 'rows merged', 'documents written', 'position written', 'pushed'])(
        'a push that died after it was taken in is known, whatever died after it at "%s"',
        async (later) => {
            const name = `twice_${later.replace(' ', '_')}`;
            const session = await cluster().createDatabase(name);
            const cwd = workFolder();
            const run = async (words: readonly string[], at = '') => {
                const common = ['--pipeline', 'card_spend', '--db', 'shop.db'];
                return await elt([...common, ...words], { cwd, env: { ELT_FAILPOINT: at } });
            };
            expect((await run(['migrate'])).status).toBe(0);
            const database = openDatabase(join(cwd, 'shop.db'));
            database.exec(`create table sales (id integer primary key, n integer) strict;
                insert into sales values (1, 0)`);
            const postgres = cluster().address(name).replace(`/${name}?`, `/${name}/sales?`);
            const targets = [postgres, `${search().base}/${name}`];
            for (const to of targets) {
                const push = ['push', 'sales', '--to', to];
                expect((await run(push)).status).toBe(0);
                for (const at of ['pushed', later, 'push begun']) {
                    database.exec('update sales set n = n + 1');
                    await run(push, at);
                }
                const done = await run(push);
                expect([done.status, done.stderr]).toEqual([0, '']);
            }
            expect(await session.sql('select n from sales;')).toBe('3');
            expect((await search().documents(name)).get('1')).toEqual({ id: 1, n: 6 });
            closeDatabase(database);
            await session.close();
        },
        60_000,
    );
});
