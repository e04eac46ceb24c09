import { afterAll, beforeAll, describe, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt } from '../support/elt.ts';
import { hasSearch, searchForTests } from '../support/search-server.ts';
import { readPages } from './pages.ts';
import { Session } from './session.ts';
import { isStep, takeBlock } from './take-block.ts';

/** Every command of docs/push.md, as it stands there, with servers that are reached as the page says. */
describe.skipIf(!hasPostgres || !hasSearch)('docs/push.md', () => {
    const cluster = clusterForTests();
    const search = searchForTests();
    let session: Session;

    beforeAll(async () => {
        await elt(['--version']);
        await (await cluster().createDatabase('shop')).close();
        const own = new URL(search().base).host;
        session = new Session(
            undefined,
            { PGHOST: cluster().folder, PGUSER: 'postgres' },
            { 'search.example.com:9200': own },
        );
    });
    afterAll(() => session.dispose());

    const blocks = readPages().find(({ name }) => name === 'docs/push.md')?.blocks ?? [];
    it.each(blocks.filter(isStep).map((block) => [`line ${block.line}: ${block.lines[0]}`, block] as const))(
        '%s',
        (_, block) => {
            takeBlock(session, block);
        },
    );
});
