import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readCatalogue } from '../../src/ledger/catalogue.ts';
import { modelOf } from '../../src/project/model-files.ts';
import { quoteName } from '../../src/sql/quote.ts';
import { splitStatements } from '../../src/sql/statements.ts';
import type { Database } from '../../src/sqlite/database.ts';
import { relationOf, specOf } from '../../src/transform/current/current-file.ts';
import { currentSql } from '../../src/transform/current/current-sql.ts';
import { foldAtOnce } from '../../src/transform/first-fold.ts';
import {
    close,
    load,
    migratedDatabase,
    projectFiles,
    rowsOf,
    runByHand,
    runTransform,
} from '../support/bench-database.ts';
import { propertyRuns } from '../support/properties.ts';

/** The first fold in one statement, compared with the fold of the file. */

interface Change {
    readonly op: 'insert' | 'update' | 'delete';
    readonly id: number;
    readonly note: string | null;
    /** An update that leaves `note` out. */
    readonly isShort: boolean;
}

const HEAD = '-- row: one account\n-- relation: public.account\n-- key: id\n';

const FOLDED = 'select * from current_account order by rowid';

function record(change: Change): string {
    const keys = { keynames: ['id'], keytypes: ['integer'], keyvalues: [change.id] };
    const isShort = change.op === 'update' && change.isShort;
    const values = {
        columnnames: isShort ? ['id'] : ['id', 'note'],
        columntypes: isShort ? ['integer'] : ['integer', 'text'],
        columnvalues: isShort ? [change.id] : [change.id, change.note],
    };
    const facts = { kind: change.op, schema: 'public', table: 'account' };
    const changed = {
        insert: { ...facts, ...values },
        update: { ...facts, ...values, oldkeys: keys },
        delete: { ...facts, oldkeys: keys },
    }[change.op];
    return JSON.stringify({ change: [changed] });
}

/** An insert of format 2 into a table of the pipeline. */
function insertOf(table: string, key: string, value: string): string {
    const column = { name: key, type: 'text', value };
    return JSON.stringify({
        action: 'I',
        schema: 'public',
        table,
        columns: [column],
        pk: [{ name: key, type: 'text' }],
    });
}

async function landed(changes: readonly Change[]): Promise<Database> {
    const database = await migratedDatabase('payments_v1');
    const first: Change = { op: 'insert', id: 0, note: 'first', isShort: false };
    await load(database, [first, ...changes].map(record).join('\n'));
    return database;
}

function scaffolded(database: Database) {
    const model = modelOf('current_account', 'current', 'account.sql', `${HEAD}\nselect 1;`);
    const relation = relationOf(model, readCatalogue(database));
    const spec = relation && specOf(model, relation, { stale: [], presumed: [], firstThatLacks: () => undefined });
    if (spec === undefined) {
        throw new Error('the catalogue has no account');
    }
    return { spec, text: currentSql(spec) };
}

/** Runs the file up to its fold, then the fold in one statement; returns whether that was possible. */
function foldQuickly(database: Database): boolean {
    const { spec, text } = scaffolded(database);
    const statements = splitStatements(text, 'account.sql');
    const fold = statements.findIndex(({ sql }) => sql.startsWith(`insert into ${quoteName('fold_account')} (_seq, `));
    expect(fold).toBeGreaterThan(0);
    database.exec('begin immediate');
    for (const { sql } of statements.slice(0, fold)) {
        database.exec(sql);
    }
    const isDone = foldAtOnce(database, spec);
    if (!isDone) {
        expect(rowsOf(database, FOLDED)).toEqual([]);
    }
    for (const { sql } of statements.slice(isDone ? fold + 1 : fold)) {
        database.exec(sql);
    }
    database.exec('commit');
    return isDone;
}

const SCHEMA = "select type, name, sql from sqlite_schema where tbl_name glob '*account' order by type, name";

async function expectSameFold(changes: readonly Change[]): Promise<void> {
    const [quick, plain] = [await landed(changes), await landed(changes)];
    try {
        const isDone = foldQuickly(quick);
        runByHand(plain, scaffolded(plain).text);
        const keys = new Set([0, ...changes.map((change) => change.id)]);
        const isPlain = changes.every((change) => change.op === 'insert') && keys.size === changes.length + 1;
        expect(isDone).toBe(isPlain);
        for (const sql of [FOLDED, SCHEMA, 'select * from changed_account', 'select * from elt_watermarks']) {
            expect(rowsOf(quick, sql)).toEqual(rowsOf(plain, sql));
        }
        // The key index exists again: a second row with a key is refused.
        expect(() => quick.exec('insert into current_account (id) values (5000), (5000)')).toThrow(/UNIQUE/);
    } finally {
        close(quick);
        close(plain);
    }
}

const note = fc.option(fc.constantFrom('', '007', '1e5', 'é', 'x'.repeat(300)));

const distinctInserts = fc
    .uniqueArray(fc.integer({ min: 1, max: 999 }), { maxLength: 30 })
    .chain((ids) =>
        fc.tuple(...ids.map((id) => note.map((text): Change => ({ op: 'insert', id, note: text, isShort: false })))),
    );

const anyChanges = fc.array(
    fc.record({
        op: fc.constantFrom(
            'insert' as const,
            'insert' as const,
            'insert' as const,
            'update' as const,
            'delete' as const,
        ),
        id: fc.integer({ min: 0, max: 20 }),
        note,
        isShort: fc.boolean(),
    }),
    { maxLength: 12 },
);

describe('the first fold in one statement', () => {
    const plain: Change = { op: 'insert', id: 1, note: 'a', isShort: false };
    test.each([
        ['different keys', [plain, { ...plain, id: 2 }]],
        ['a key twice', [plain, { ...plain, note: 'b' }]],
        ['an update', [plain, { ...plain, op: 'update', note: 'b' }]],
        ['an update that leaves a column out', [plain, { ...plain, op: 'update', isShort: true }]],
        ['a delete at the end', [plain, { ...plain, op: 'delete' }]],
    ] as const)('gives what the file gives: %s', async (_, changes) => {
        await expectSameFold(changes);
    });

    test('is what a run does with the shipped current tables: rows have the numbers of their changes', async () => {
        const database = await migratedDatabase('payments_v1');
        onTestFinished(() => close(database));
        const transactions = [1, 2, 3].map((id) => insertOf('transaction', 'transaction_id', `t${id}`));
        const tokens = [1, 2].map((id) => insertOf('payment_instrument_token', 'transaction_id', `k${id}`));
        await load(database, [...transactions, ...tokens].join('\n'));
        await runTransform(database, projectFiles('payments_v1'));
        for (const table of ['transaction', 'payment_instrument_token']) {
            const seqs = rowsOf(database, `select _seq from stg_${table} order by _seq`);
            expect(seqs.length).toBeGreaterThan(1);
            expect(rowsOf(database, `select rowid as _seq from current_${table} order by rowid`)).toEqual(seqs);
        }
    });

    test('gives the same as the file for inserts of distinct keys', async () => {
        await fc.assert(fc.asyncProperty(distinctInserts, expectSameFold), propertyRuns(40));
    });

    test('gives the same as the file for any changes', async () => {
        await fc.assert(fc.asyncProperty(anyChanges, expectSameFold), propertyRuns(80));
    });
});
