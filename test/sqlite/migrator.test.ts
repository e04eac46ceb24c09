import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EltError } from '../../src/core/errors.ts';
import { readMigrationFiles } from '../../src/project/read-migration-files.ts';
import { openDatabase } from '../../src/sqlite/database.ts';
import { Migrator } from '../../src/sqlite/migrations/migrator.ts';
import { workFolder } from '../support/elt.ts';

const FIRST = 'create table first (a integer) strict;\n';
const SECOND = 'create table second (a integer) strict;\ninsert into second values (1);\n';

function setUp() {
    const folder = workFolder();
    const migrations = join(folder, 'migrations', 'shop');
    mkdirSync(migrations, { recursive: true });
    const database = openDatabase(':memory:', { create: true });
    onTestFinished(() => {
        database.close();
    });
    const own = join(folder, 'migrations');
    return {
        database,
        writeOurs: (name: string, sql: string) => {
            mkdirSync(join(own, 'control'), { recursive: true });
            writeFileSync(join(own, 'control', `${name}.sql`), sql);
        },
        removeOurs: (name: string) => rmSync(join(own, 'control', `${name}.sql`)),
        write: (name: string, sql: string) => writeFileSync(join(migrations, `${name}.sql`), sql),
        rename: (from: string, to: string) =>
            renameSync(join(migrations, `${from}.sql`), join(migrations, `${to}.sql`)),
        remove: (name: string) => rmSync(join(migrations, `${name}.sql`)),
        migrator: () => new Migrator(database, readMigrationFiles({ control: own, own }, 'shop')),
        tables: () =>
            database
                .prepare("select name from sqlite_schema where type = 'table' and name not like 'elt%' order by name")
                .pluck()
                .all(),
    };
}

async function errorOf(work: () => unknown): Promise<EltError> {
    try {
        await work();
    } catch (error) {
        expect(error).toBeInstanceOf(EltError);
        return error as EltError;
    }
    throw new Error('nothing was thrown');
}

describe('migrations', () => {
    test('go up in order of name, once, and down in reverse', async () => {
        const { write, migrator, tables } = setUp();
        write('0002_second', SECOND);
        write('0002_second.down', 'drop table second;');
        write('0001_first', FIRST);
        write('0001_first.down', 'drop table first;');
        expect(await migrator().up()).toEqual(['shop/0001_first', 'shop/0002_second']);
        expect(await migrator().up()).toEqual([]);
        expect(tables()).toEqual(['first', 'second']);
        expect(await migrator().down()).toEqual(['shop/0002_second']);
        expect(tables()).toEqual(['first']);
        expect(
            migrator()
                .status()
                .map(({ name, state }) => [name, state]),
        ).toEqual([
            ['shop/0001_first', 'applied'],
            ['shop/0002_second', 'pending'],
        ]);
        expect(await migrator().up()).toEqual(['shop/0002_second']);
        expect(await migrator().down('0001_first')).toEqual(['shop/0002_second', 'shop/0001_first']);
        expect(tables()).toEqual([]);
    });

    test('go up once, whichever is first, when two begin on the same file at the same time', async () => {
        const folder = workFolder();
        const migrations = join(folder, 'migrations', 'shop');
        mkdirSync(migrations, { recursive: true });
        writeFileSync(join(migrations, '0001_first.sql'), FIRST);
        writeFileSync(join(migrations, '0002_second.sql'), SECOND);
        const own = join(folder, 'migrations');
        const both = [1, 2].map(() => {
            const database = openDatabase(join(folder, 'shop.db'), { create: true });
            onTestFinished(() => {
                database.close();
            });
            return new Migrator(database, readMigrationFiles({ control: own, own }, 'shop'));
        });
        const applied = await Promise.all(both.map((migrator) => migrator.up()));
        expect(applied.flat().sort()).toEqual(['shop/0001_first', 'shop/0002_second']);
    });

    const wrong: readonly {
        readonly what: string;
        readonly code: string;
        readonly names: string;
        readonly spoil: (setUp_: ReturnType<typeof setUp>) => void;
    }[] = [
        {
            what: 'edited after it was applied',
            code: 'MIGRATION_EDITED',
            names: 'shop/0001_first',
            spoil: ({ write }) => write('0001_first', `${FIRST}-- later thought\n`),
        },
        {
            what: 'gone after it was applied',
            code: 'MIGRATION_MISSING',
            names: 'shop/0001_first',
            spoil: ({ remove }) => remove('0001_first'),
        },
        {
            what: 'renamed after it was applied',
            code: 'MIGRATION_MISSING',
            names: 'shop/0002_second',
            spoil: ({ rename }) => rename('0002_second', '0003_second'),
        },
        {
            what: 'new, before one that is applied',
            code: 'MIGRATION_ORDER',
            names: 'shop/0001_between',
            spoil: ({ write }) => write('0001_between', 'create table between_them (a integer);'),
        },
    ];
    test.each(wrong)('one that is $what is named', async ({ code, names, spoil }) => {
        const all = setUp();
        all.write('0001_first', FIRST);
        all.write('0002_second', SECOND);
        await all.migrator().up();
        spoil(all);
        for (const work of [
            () => all.migrator().up(),
            () => all.migrator().status(),
            () => all.migrator().down(),
        ] as const) {
            const error = await errorOf(work);
            expect([error.code, error.message.includes(`"${names}"`)]).toEqual([code, true]);
        }
        expect(all.tables()).toEqual(['first', 'second']);
    });

    const ours: readonly {
        readonly what: string;
        readonly code: string;
        readonly next: string;
        readonly now: readonly [string, string];
    }[] = [
        {
            what: 'edited',
            code: 'MIGRATION_EDITED',
            next: 'use the elt that wrote the database, or load its sources into a new file with --db',
            now: ['0001_ours', 'create table elt_other (a integer);'],
        },
        {
            what: 'gone',
            code: 'DATABASE_NEWER',
            next: 'use that newer elt, or another file with --db',
            now: ['0002_other', 'create table elt_other (a integer);'],
        },
    ];
    test.each(ours)('one of elt itself that is $what is of another elt: its user cannot restore it', async (one) => {
        const { writeOurs, removeOurs, migrator } = setUp();
        writeOurs('0001_ours', 'create table elt_ours (a integer);');
        await migrator().up();
        removeOurs('0001_ours');
        writeOurs(...one.now);
        const error = await errorOf(() => migrator().up());
        expect(error.code).toBe(one.code);
        expect(error.facts.next).toContain(one.next);
    });

    test('other line ends are no edit', async () => {
        const { write, migrator } = setUp();
        write('0001_first', FIRST);
        await migrator().up();
        write('0001_first', FIRST.replaceAll('\n', '\r\n'));
        expect(migrator().pending()).toEqual([]);
    });

    test('one that SQLite refuses is rolled back, and its place is named', async () => {
        const { write, migrator, tables } = setUp();
        write('0001_first', FIRST);
        write('0002_second', `${SECOND}insert into secnd values (2);\n`);
        const error = await errorOf(() => migrator().up());
        expect(error.facts).toMatchObject({
            code: 'MIGRATION_FAILED',
            where: expect.stringMatching(/^migrations\/shop\/0002_second\.sql:3/),
            state: expect.stringContaining('rolled back'),
        });
        expect(error.exitStatus).toBe(6);
        expect(tables()).toEqual(['first']);
        expect(migrator().pending()).toEqual(['shop/0002_second']);
        write('0002_second', SECOND);
        expect(await migrator().up()).toEqual(['shop/0002_second']);
    });

    test('of elt’s own, which share a commit, those before one that fails stay applied', async () => {
        const { database, writeOurs, migrator, tables } = setUp();
        const commits = (): number => statements.filter((sql) => sql === 'commit').length;
        const statements: string[] = [];
        const exec = vi.spyOn(database, 'exec').mockImplementation((sql) => {
            statements.push(sql);
            return Object.getPrototypeOf(database).exec.call(database, sql);
        });
        onTestFinished(() => exec.mockRestore());
        writeOurs('0001_first', FIRST);
        writeOurs('0002_second', SECOND);
        writeOurs('0003_wrong', 'create table third (a integer);\ninsert into nowhere values (1);\n');
        writeOurs('0004_fourth', 'create table fourth (a integer);\n');
        const error = await errorOf(() => migrator().up());
        expect(error.code).toBe('MIGRATION_FAILED');
        expect(tables()).toEqual(['first', 'second']);
        const applied = migrator()
            .status()
            .map(({ name, state }) => `${name} ${state}`);
        expect(applied).toEqual([
            'control/0001_first applied',
            'control/0002_second applied',
            'control/0003_wrong pending',
            'control/0004_fourth pending',
        ]);
        expect([commits(), database.inTransaction]).toEqual([1, false]);
        writeOurs('0003_wrong', 'create table third (a integer);\n');
        expect(await migrator().up()).toEqual(['control/0003_wrong', 'control/0004_fourth']);
        expect(commits()).toBe(2);
    });

    test('one without a file that undoes it stays, with all others', async () => {
        const { write, migrator, tables } = setUp();
        write('0001_first', FIRST);
        write('0002_second', SECOND);
        write('0002_second.down', 'drop table second;');
        await migrator().up();
        const error = await errorOf(() => migrator().down('0001_first'));
        expect([error.code, error.message]).toEqual([
            'MIGRATION_NO_DOWN',
            expect.stringContaining('"shop/0001_first"'),
        ]);
        expect(tables()).toEqual(['first', 'second']);
    });

    test('a name that is no migration comes with the nearest', async () => {
        const { write, migrator } = setUp();
        write('0001_first', FIRST);
        await migrator().up();
        const error = await errorOf(() => migrator().down('0001_frist'));
        expect([error.code, error.facts.found]).toEqual(['MODEL_UNKNOWN', expect.stringContaining('0001_first')]);
    });

    test('a transaction of its own is refused', async () => {
        const { write, migrator, tables } = setUp();
        write('0001_first', `begin;\n${FIRST}commit;\n`);
        expect((await errorOf(() => migrator().up())).code).toBe('SQL_FORBIDDEN');
        expect(tables()).toEqual([]);
    });
});
