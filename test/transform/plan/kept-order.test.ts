import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { parseHeader } from '../../../src/project/file-head.ts';
import { type MartDefinition, readDefinition } from '../../../src/project/mart-definition.ts';
import { MODEL_KEYS, type ModelFile, modelOf } from '../../../src/project/model-files.ts';
import { schemaSql } from '../../../src/sqlite/tables-touched.ts';
import { loadGenerator } from '../../../src/transform/marts/with-generator.ts';
import { keepOrder, orderOfModels } from '../../../src/transform/plan/kept-order.ts';
import { type ModelPlan, type PlanFacts, workOutOrder } from '../../../src/transform/plan/model-order.ts';
import { close, migratedDatabase } from '../../support/bench-database.ts';
import { workFolder } from '../../support/elt.ts';

/** What a kept order of models depends on: where one such thing is another one, what was kept must not be found. */

interface Ground {
    readonly models: readonly ModelFile[];
    readonly waits: PlanFacts['waits'];
    readonly migrated: readonly string[];
    /** After the tables and what was migrated. */
    readonly sql: string;
}

/** Of two tables: the file may have the name of each. */
const FILLED = `create table if not exists filled (x integer) strict;
create table if not exists other (x integer) strict;
insert into other select x from stg_t;
insert into filled select x from `;
const MART = '-- row: one\n-- key: x\n\nselect x, y from stg_t;\n';
const VIEW = 'drop view if exists shown; create view shown as select x, y from stg_t;';

const filled = (from: string, name = 'filled', kind: ModelFile['kind'] = 'mart'): ModelFile =>
    modelOf(name, kind, `sql/p/marts/${name}.sql`, `${FILLED}${from};\n`);

function mart(name: string, select: string, upkeep = '', folder = 'marts'): ModelFile {
    const file = `sql/p/${folder}/${name}.sql`;
    const definition = readDefinition(select, file, parseHeader(select, file, MODEL_KEYS)) as MartDefinition;
    return modelOf(name, 'mart', `sql/p/upkeep/${name}.sql`, upkeep, definition);
}

const shown = modelOf('shown', 'view', 'sql/p/views/shown.sql', VIEW);
const BEFORE: Ground = {
    models: [filled('stg_t'), mart('listed', MART), shown],
    waits: new Map(),
    migrated: [],
    sql: 'create table listed (x integer not null, y integer) strict',
};
const withModels = (...models: readonly ModelFile[]): Ground => ({ ...BEFORE, models: [...models, shown] });
const withSql = (sql: string): Ground => ({ ...BEFORE, sql: `${BEFORE.sql}; ${sql}` });

async function databaseOf({ sql }: Ground) {
    const database = await migratedDatabase('none');
    onTestFinished(() => close(database));
    database.exec(`
        create table stg_t (_seq integer primary key, x integer, y integer) strict;
        insert into elt_relations (staging_table, schema_name, table_name, identity_full, first_seq)
        values ('stg_t', 'public', 't', 0, 1);
        ${sql};`);
    return database;
}

const factsOf = ({ waits, migrated }: Ground): PlanFacts => ({ waits, migratedTables: () => new Set(migrated) });

/** As JSON: a plan is kept as text. */
function workedOut(database: Parameters<typeof schemaSql>[0], ground: Ground): ModelPlan {
    return JSON.parse(JSON.stringify(workOutOrder(schemaSql(database), ground.models, factsOf(ground))));
}

const changes: readonly { readonly what: string; readonly after: Ground }[] = [
    { what: 'a model more', after: { ...BEFORE, models: [...BEFORE.models, mart('more', MART)] } },
    { what: 'the name of a file', after: withModels(filled('stg_t', 'other'), mart('listed', MART)) },
    { what: 'the folder of a file', after: withModels(filled('stg_t', 'filled', 'view'), mart('listed', MART)) },
    { what: 'the text of a file', after: withModels(filled('shown'), mart('listed', MART)) },
    { what: 'the SELECT of a mart', after: withModels(filled('stg_t'), mart('listed', MART.replace('x, y', 'x'))) },
    { what: 'the head of a mart', after: withModels(filled('stg_t'), mart('listed', `-- column: y text\n${MART}`)) },
    { what: 'the folder of a mart', after: withModels(filled('stg_t'), mart('listed', MART, '', 'lists')) },
    {
        what: 'the upkeep of a mart, which a person has written',
        after: withModels(
            filled('stg_t'),
            mart(
                'listed',
                MART,
                'create table if not exists listed (x integer, y integer) strict;\ninsert into listed select x, y from shown;\n',
            ),
        ),
    },
    {
        what: 'a model that must wait for columns',
        after: { ...BEFORE, waits: new Map([['filled', 'stg_t.x']]) },
    },
    { what: 'what it waits for', after: { ...BEFORE, waits: new Map([['filled', 'stg_t.y']]) } },
];

/** Only within one database are applied migrations known by their names. */
const ofOneDatabase: typeof changes = [
    {
        what: 'a column of a staging table',
        after: withSql('alter table stg_t add column z integer'),
    },
    {
        what: 'the type of a column of a staging table',
        after: withSql('alter table stg_t drop column y; alter table stg_t add column y text'),
    },
    {
        what: 'a staging table',
        after: withSql(
            "create table stg_more (_seq integer primary key) strict; insert into elt_relations select 'stg_more', schema_name, 'more', primary_key, identity, identity_full, first_seq from elt_relations",
        ),
    },
    {
        what: 'a migration',
        after: withSql("insert into elt_migrations (name, checksum, applied_at) values ('p/0001_new', '', '')"),
    },
];

const ofAnyDatabase: typeof changes = [
    {
        what: 'a column of a staging table',
        after: withSql('alter table stg_t add column z integer'),
    },
    { what: 'that a migration creates the table of a mart', after: { ...BEFORE, migrated: ['listed'] } },
];

beforeAll(loadGenerator);

test.each(changes)('a plan depends on $what', async ({ what, after }) => {
    const database = await databaseOf(after);
    expect(workedOut(database, after)).not.toEqual(workedOut(database, beforeOf(what)));
});

describe('what is kept in a database', () => {
    /** No models would give it: where it is given, it was found. */
    const KEPT: ModelPlan = { order: [], upkeeps: {} };

    test('is found as long as nothing is another', async () => {
        const database = await databaseOf(BEFORE);
        keepOrder(database, BEFORE.models, KEPT, factsOf(BEFORE));
        expect(orderOfModels(database, BEFORE.models, factsOf(BEFORE))).toEqual(KEPT);
        database.exec('create table filled (x integer) strict; create index by_x on listed (x)');
        expect(orderOfModels(database, BEFORE.models, factsOf(BEFORE)), 'tables of models').toEqual(KEPT);
    });

    test.each([...changes, ...ofOneDatabase])('is not found with another: $what', async ({ what, after }) => {
        const database = await databaseOf(BEFORE);
        const before = beforeOf(what);
        keepOrder(database, before.models, KEPT, factsOf(before));
        database.exec(after.sql.slice(BEFORE.sql.length).replace(/^;/, ''));
        expect(orderOfModels(database, after.models, factsOf(after))).toEqual(workedOut(database, after));
    });
});

describe('what is kept for other databases', () => {
    test('is found as long as nothing is another', async () => {
        const folder = workFolder();
        orderOfModels(await databaseOf(BEFORE), BEFORE.models, factsOf(BEFORE), folder);
        const kept = textsIn(folder);
        orderOfModels(await databaseOf(BEFORE), BEFORE.models, factsOf(BEFORE), folder);
        expect(textsIn(folder)).toEqual(kept);
    });

    test.each([...changes, ...ofAnyDatabase])('is not found with another: $what', async ({ what, after }) => {
        const folder = workFolder();
        const before = beforeOf(what);
        orderOfModels(await databaseOf(before), before.models, factsOf(before), folder);
        const kept = textsIn(folder);
        const database = await databaseOf(after);
        expect(orderOfModels(database, after.models, factsOf(after), folder)).toEqual(workedOut(database, after));
        expect(textsIn(folder)).not.toEqual(kept);
    });

    test('is not found with another SQLite', async () => {
        const folder = workFolder();
        orderOfModels(await databaseOf(BEFORE), BEFORE.models, factsOf(BEFORE), folder);
        const kept = textsIn(folder);
        const database = await databaseOf(BEFORE);
        database.function('sqlite_source_id', () => 'another one');
        orderOfModels(database, BEFORE.models, factsOf(BEFORE), folder);
        expect(textsIn(folder)).not.toEqual(kept);
    });
});

function beforeOf(what: string): Ground {
    return what === 'what it waits for' ? { ...BEFORE, waits: new Map([['filled', 'stg_t.x']]) } : BEFORE;
}

/** Each kept text begins with a hash of what it depends on. */
function textsIn(folder: string): readonly string[] {
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
}
