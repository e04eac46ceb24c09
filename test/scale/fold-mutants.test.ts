import fc from 'fast-check';
import { expect, test } from 'vitest';
import { duckdbDialect } from '../../src/scale/dialects/duckdb-dialect.ts';
import { foldSql } from '../../src/scale/fold/fold-sql.ts';
import { close, migratedDatabase } from '../support/bench-database.ts';
import { DuckDb } from '../support/duckdb.ts';
import { foldedBySqlite, foldPlans, historyOf, sorted, sqliteRows, stagedSql } from './fold-world.ts';

/** Every clause of the generated fold is needed: without it some history gives other rows. */

interface World {
    readonly staged: readonly string[];
    readonly fold: readonly string[];
    readonly expected: string;
}

/** A clause, and the text that stands for its absence. Each is found in the text of some fold. */
const MUTANTS: readonly (readonly [what: string, clause: string | RegExp, without: string])[] = [
    ['what is before the last truncate counts', /_seq > \d+ and/, 'true and'],
    ['a transaction that has not landed whole counts', /and _seq <= \d+/, ''],
    ['a delete is a change like others', "case when _op = 'delete' then 'end' when", 'case when'],
    ['no change leaves columns out', "when _absent is null then 'put' else 'patch' end", "else 'put' end"],
    ['a move leaves no key', /union all\nselect _seq \* 2, _seq, 'leave'[^;]*/, ''],
    ['a move that leaves columns out drags nothing', "'leave', _absent is not null", "'leave', false"],
    ['a key is old as a whole', /coalesce\("_old_number", "number"\)/g, '"_old_number"'],
    ['the first event decides', 'max(_at)', 'min(_at)'],
    ['deleted rows stay', "where changes._op <> 'delete'", 'where true'],
    ['absent columns are null', 'and changes._absent is null', ''],
    ['rows that moves bring are not sought', /union\n\s+select ("\w+"(?:, )?)+ from "fold_touch_\w+" where _drags/, ''],
    [
        'rows whose last change leaves columns out are not sought',
        'where changes._absent is not null\n',
        'where false\n',
    ],
    ['a row always stood', /coalesce\(lag\(_does\)[^\n]* as _held/, 'true as _held'],
    ['no row ever stood', /coalesce\(lag\(_does\)[^\n]* as _held/, 'false as _held'],
    ['every change is the last one of its key', /lead\(_does\) over \([^)]*\) is null as _top/, 'true as _top'],
    ['a whole change begins nothing', "step._does = 'put' or", 'false or'],
    ['no row begins with absent columns', 'not step._held', 'false'],
    ['a move that leaves columns out begins nothing', 'or brought._seq is not null', ''],
    [
        'a move brings a row that was not there',
        "'leave' and _drags and _held) as brought",
        "'leave' and _drags) as brought",
    ],
    ['a row continues one that was not there', /(fold_life_\w+" where _does = 'leave' and _drags) and _held/, '$1'],
    ['rows are followed over one move only', /coalesce\(far._up, near._up\)/g, 'near._up'],
    ['rows are not followed', 'coalesce(hop._up, life._life)', 'life._life'],
    ['a whole change leaves its row open', "and life._does = 'patch' as _open", 'as _open'],
    [
        'a column is what the last change says, which may leave it out',
        / filter \(where _absent is null or[^)]*\) = 0\)/g,
        '',
    ],
];

test('without any of its clauses the fold is wrong in some history', { timeout: 180_000 }, async () => {
    const worlds = await Promise.all(fc.sample(foldPlans, { numRuns: 150, seed: 20_260_101 }).map(worldOf));
    for (const world of worlds) {
        expect(await foldedRows(world.staged, world.fold)).toEqual(world.expected);
    }
    const outcomes: string[] = [];
    for (const [what, clause, without] of MUTANTS) {
        outcomes.push(`${what}: ${await isCaught(worlds, clause, without)}`);
    }
    expect(outcomes).toEqual(MUTANTS.map(([what]) => `${what}: caught`));
});

async function worldOf(plan: Parameters<typeof foldedBySqlite>[1]): Promise<World> {
    const database = await migratedDatabase('payments');
    try {
        const spec = await foldedBySqlite(database, plan);
        const { steps, rows } = foldSql(historyOf(database, spec), duckdbDialect);
        return {
            staged: stagedSql(database, duckdbDialect, spec),
            fold: [...steps, rows],
            expected: JSON.stringify(sqliteRows(database, spec)),
        };
    } finally {
        close(database);
    }
}

async function isCaught(
    worlds: readonly World[],
    clause: string | RegExp,
    without: string,
): Promise<'caught' | 'equal in all histories' | 'not in the text'> {
    let isThere = false;
    for (const { staged, fold, expected } of worlds) {
        const mutated = fold.map((sql) => sql.replace(clause, without));
        if (mutated.some((sql, index) => sql !== fold[index])) {
            isThere = true;
            if ((await foldedRows(staged, mutated)) !== expected) {
                return 'caught';
            }
        }
    }
    return isThere ? 'equal in all histories' : 'not in the text';
}

/** The rows, or the words of an error: a fold that fails is not right either. */
async function foldedRows(staged: readonly string[], fold: readonly string[]): Promise<string> {
    const engine = await DuckDb.open();
    try {
        for (const statement of [...staged, ...fold.slice(0, -1)]) {
            await engine.run(statement);
        }
        return JSON.stringify(sorted(await engine.rows(fold.at(-1) ?? '')));
    } catch (error) {
        return String(error);
    } finally {
        engine.close();
    }
}
