import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { FollowWorld, PIPELINE, until } from '../support/follow-world.ts';

const FIGURE = `-- title: Words
-- chart: number
-- alert: words > 2

select count(*) as words from current_plain;
`;

describe.skipIf(!hasPostgres)('a threshold while a server is followed', () => {
    const cluster = clusterForTests();
    let here: FollowWorld;

    async function world(name: string): Promise<void> {
        here = await FollowWorld.open(cluster(), name, 'create table plain (id int primary key, words text);');
        await here.session.sql(`insert into plain values (1, 'one');`);
        await here.catchUp();
        await here.scaffold();
        const folder = join(here.folder, 'sql', PIPELINE, 'dashboard');
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, '10_words.sql'), FIGURE);
    }
    afterEach(() => here.close());

    const values = (file: string): unknown[] =>
        (existsSync(file) ? readFileSync(file, 'utf8') : '')
            .split('\n')
            .filter(Boolean)
            .map((line) => (JSON.parse(line) as { value: number }).value);
    const recorded = () => here.rows('select value, is_crossed from elt_alerts');

    it('is told once when a commit crosses it, without a new start, and again when it was good in between', async () => {
        await world('alerts');
        const sent = join(here.folder, 'sent.jsonl');
        const following = here.follow(['--on-alert', `cat >> '${sent}'`]);
        await following.says('following');
        await here.session.sql(`insert into plain values (2, 'two'), (3, 'three');`);
        await following.says('alert: Words: words is 3 (words > 2)');
        await until(
            () => values(sent).length === 1,
            () => following.printed,
        );
        await here.session.sql(`insert into plain values (4, 'four');`);
        await until(
            () => recorded().some((row) => JSON.stringify(row).includes('4')),
            () => `${following.printed} ${JSON.stringify(recorded())}`,
        );
        await here.session.sql('delete from plain where id > 1;');
        await following.says('alert over: Words: words is 1');
        await here.session.sql(`insert into plain values (5, 'a'), (6, 'b');`);
        await until(
            () => values(sent).length === 2,
            () => following.printed,
        );
        await following.stop();
        expect(values(sent)).toEqual([3, 3]);
    });

    it('that could not be sent is sent by the next follower; the stream has not waited for it', async () => {
        await world('unsent');
        const sent = join(here.folder, 'sent.jsonl');
        await here.session.sql(`insert into plain values (2, 'two'), (3, 'three');`);
        const failing = await here.follow(['--until-caught-up', '--on-alert', 'cat > /dev/null; exit 3']).ended();
        expect(failing.status, failing.printed).toBe(0);
        expect(failing.printed).toContain('the next run tries again: it ended with 3');
        expect(recorded()).toEqual([]);
        const slow = here.follow(['--on-alert', `sleep 3; cat >> '${sent}'`]);
        await here.session.sql(`insert into plain values (4, 'four');`);
        await slow.says('alert: Words: words is 4');
        await here.session.sql(`insert into plain values (5, 'five');`);
        await until(
            () => here.rows('select 1 from current_plain where id = 5').length === 1,
            () => slow.printed,
        );
        expect(values(sent)).toEqual([]);
        await until(
            () => recorded().length === 1,
            () => slow.printed,
        );
        expect(values(sent)).toEqual([4]);
        await slow.stop();
    });
});
