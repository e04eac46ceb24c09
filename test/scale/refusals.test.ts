import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/sqlite/database.ts';
import { change } from '../lake/pushed.ts';
import { elt } from '../support/elt.ts';
import { deletedItem, type ItemWorld, itemWorld, movedItem } from './lake-world.ts';

/** What a run on another engine cannot do as SQLite does is an error before anything is printed: it names the place and the next step. */

const MANY = `-- row: an item
-- key: id
create table if not exists many (id integer primary key, label text) strict;
delete from many;
insert into many select id, label from current_item;
`;

interface Case {
    readonly what: string;
    readonly changes?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
    readonly afterPush?: (world: ItemWorld) => void;
    readonly words?: (world: ItemWorld) => readonly string[];
    readonly code: string;
    readonly status?: number;
    readonly says: readonly string[];
}

const inFile = (sql: string) => (world: ItemWorld) => {
    const database = openDatabase(world.file, {});
    database.exec(sql);
    database.close();
};

const CASES: readonly Case[] = [
    {
        what: 'a mart of several statements without a file for the engine',
        files: { 'marts/many.sql': MANY },
        code: 'ENGINE_REFUSED',
        says: ['sql/shop/marts/many.sql', 'write one SELECT for duckdb as sql/shop/marts/many.duckdb.sql'],
    },
    {
        what: 'a function outside the subset',
        files: {
            'marts/rounded.sql':
                '-- row: an item\n-- key: id\nselect\n    id,\n    round(count / 2.0) as half\nfrom current_item\n',
        },
        code: 'ENGINE_SQL',
        says: ['round()', 'sql/shop/marts/rounded.sql:5', 'sql/shop/marts/rounded.duckdb.sql'],
    },
    {
        what: 'a data test outside the subset',
        files: {
            'marts/plain.sql': '-- row: an item\n-- key: id\nselect id from current_item\n',
            'tests/plain__odd.sql':
                "-- why: it shows what is refused\n-- scope: all\nselect id from plain where printf('%d', id) = 'x';\n",
        },
        code: 'ENGINE_SQL',
        says: ['printf()', 'sql/shop/tests/plain__odd.sql:3', 'sql/shop/tests/plain__odd.duckdb.sql'],
    },
    {
        what: 'a current table whose file was edited',
        afterPush: ({ project }) => {
            const file = join(project, 'sql/shop/upkeep/current_item.sql');
            writeFileSync(file, `${readFileSync(file, 'utf8')}\nupdate current_item set label = upper(label);\n`);
        },
        code: 'ENGINE_REFUSED',
        says: ['"current_item" can only be kept in SQLite', 'was edited', 'elt scaffold'],
    },
    {
        what: 'a delete with an old key, which landing never gives',
        changes: [...movedItem(0), deletedItem(1)],
        afterPush: inFile(`update stg_item set _old_key = '{"id":7}' where _op = 'delete';`),
        words: () => ['lake', 'push', '--anew'],
        code: 'ENGINE_REFUSED',
        says: ['source "shop", stg_item', 'a delete with an old key, at _seq 2'],
    },
    {
        what: 'a document that a mart reads since the last push',
        changes: [
            change('I', [
                { name: 'id', type: 'bigint', value: 1 },
                { name: 'doc', type: 'text', value: '{}' },
            ]),
        ],
        afterPush: ({ project }) => {
            const text = "-- row: an item\n-- key: id\nselect id, json_text(doc, '$.a') as a from current_item\n";
            writeFileSync(join(project, 'sql/shop/marts/read.sql'), text);
        },
        code: 'LAKE_BEHIND',
        status: 2,
        says: ["json_text(doc, '$.a')", 'run "elt lake push" for each source'],
    },
];

test.each(CASES)('$what', async ({ changes = movedItem(0), files = {}, afterPush, words, code, status = 6, says }) => {
    const world = await itemWorld(changes, files);
    afterPush?.(world);
    const common = ['--project', world.project, '--pipeline', world.pipeline, '--db', world.file];
    if (words !== undefined) {
        const ran = await elt([...common, ...words(world)]);
        expect(ran.status, ran.stderr).toBe(0);
    }
    const ran = await elt([...common, 'print', '--engine', 'duckdb', '--lake', world.lake]);
    expect([ran.status, ran.stdout]).toEqual([status, '']);
    expect(ran.stderr).toContain(`error ${code}: `);
    for (const one of says) {
        expect(ran.stderr).toContain(one);
    }
});

test('a script that has not come to its end publishes nothing', async () => {
    const world = await itemWorld(movedItem(0));
    const common = ['--project', world.project, '--pipeline', world.pipeline, '--db', world.file];
    const printed = await elt([...common, 'print', '--engine', 'spark', '--lake', world.lake]);
    const [, run = ''] = /^-- Run with: spark-sql -f this.sql, then: elt lake publish (\S+)/.exec(printed.stdout) ?? [];
    expect(run).not.toBe('');
    const refused = await elt([...common, 'lake', 'publish', run, '--to', world.lake]);
    expect(refused.stderr).toContain('error RUN_UNFINISHED: ');
    expect([refused.status === 0, existsSync(join(world.lake, 'shop', 'current.json'))]).toEqual([false, false]);
});

test('a key that two sources share is found by a check, which names them', async () => {
    const [one, two] = [await itemWorld(movedItem(1)), await itemWorld(movedItem(1))];
    const words = (world: ItemWorld) => ['--project', one.project, '--pipeline', 'shop', '--db', world.file];
    const pushed = await elt([...words(two), 'lake', 'push', '--to', one.lake, '--source', 'other']);
    expect(pushed.status, pushed.stderr).toBe(0);
    const checked = await elt([...words(one), 'lake', 'check', '--to', one.lake]);
    expect([checked.status, checked.stderr]).toEqual([6, expect.stringMatching(/LAKE_SHARED_KEY.*item/s)]);
    rmSync(two.project, { recursive: true });
});
