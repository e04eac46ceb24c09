import { afterEach, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld } from '../support/follow-world.ts';

/** Databases whose texts are not UTF-8: the server converts them, or does not know what they are. */
describe.skipIf(!hasPostgres)('elt follow and the encoding of a database', () => {
    const cluster = clusterForTests();
    let here: FollowWorld | undefined;
    afterEach(async () => {
        await here?.close();
        here = undefined;
    });

    const world = async (name: string, encoding: string, sql: string) => {
        here = await FollowWorld.open(cluster(), name, sql, `encoding '${encoding}' locale 'C'`);
        return here;
    };

    it.each([
        { encoding: 'LATIN1', words: 'café ÿ' },
        { encoding: 'EUC_JP', words: '日本語' },
        { encoding: 'WIN1251', words: 'привет' },
        { encoding: 'SQL_ASCII', words: 'café, as UTF-8' },
    ])('$encoding: the copy and the stream have the same text', async ({ encoding, words }) => {
        const found = await world(
            `in_${encoding.toLowerCase()}`,
            encoding,
            `create table plain (id int primary key, "${words}" text); insert into plain values (1, '${words}');`,
        );
        await found.catchUp();
        await found.session.sql(`insert into plain values (2, '${words}');`);
        await found.catchUp();
        expect(found.rows(`select "${words}" as words from stg_plain order by _seq`)).toEqual([{ words }, { words }]);
    });

    it('SQL_ASCII: bytes that are no text end the copy, and later the stream, with their reason', async () => {
        const found = await world(
            'bytes',
            'SQL_ASCII',
            `set client_encoding = 'SQL_ASCII'; create table plain (id int primary key, words text);
            insert into plain values (1, E'caf\\xe9');`,
        );
        expect((await found.elt(['source', 'check'])).stdout).toMatch(/SQL_ASCII\s+its texts may be of any encoding/);
        const refused = async (): Promise<void> => {
            const ran = await found.elt(['follow', '--until-caught-up']);
            expect([ran.status, ran.stderr]).toEqual([3, expect.stringContaining('error SOURCE_NOT_UTF8')]);
            expect(ran.stderr).toMatch(/0xe9[\s\S]*source resnapshot --all/);
        };
        await refused();
        await found.session.sql(
            `update plain set words = convert_from(convert(convert_to(words, 'SQL_ASCII'), 'LATIN1', 'UTF8'), 'SQL_ASCII');`,
        );
        await found.catchUp();
        await found.session.sql(`insert into plain values (2, 'before'); insert into plain values (3, E'\\xe9');
            insert into plain values (4, 'after');`);
        await refused();
        expect(found.rows('select id from stg_plain order by _seq').length).toBeLessThan(4);
        await found.session.sql(`update plain set words = 'corrected' where id = 3;`);
        await refused();
        await found.ran(['source', 'resnapshot', '--all']);
        await found.catchUp();
        await found.scaffold();
        expect(found.rows('select id, words from current_plain order by id')).toEqual([
            { id: 1, words: 'café' },
            { id: 2, words: 'before' },
            { id: 3, words: 'corrected' },
            { id: 4, words: 'after' },
        ]);
    });
});
