import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { elt } from '../support/elt.ts';
import { PAGES_WITH_POSTGRES, ROOT, readPages } from './pages.ts';
import { Session } from './session.ts';
import { isStep, takeBlock } from './take-block.ts';

const SCRIPT = 'first-contents.psql';

/** Every command of these pages, as it stands there, with a PostgreSQL server that the variables of `psql` name. */
describe.skipIf(!hasPostgres).each(PAGES_WITH_POSTGRES)('%s', (page) => {
    const cluster = clusterForTests();
    let session: Session;

    beforeAll(async () => {
        await elt(['--version']);
        await (await cluster().createDatabase('shop')).close();
        session = new Session(undefined, { PGHOST: cluster().folder, PGUSER: 'postgres', PGDATABASE: 'shop' });
        // As the reader has it from docs/deploy/.
        copyFileSync(join(ROOT, 'docs', 'deploy', SCRIPT), join(session.folder, SCRIPT));
    });
    afterAll(() => session.dispose());

    const blocks = readPages().find(({ name }) => name === page)?.blocks ?? [];
    it.each(blocks.filter(isStep).map((block) => [`line ${block.line}: ${block.lines[0]}`, block] as const))(
        '%s',
        (_, block) => {
            takeBlock(session, block);
        },
    );
});
