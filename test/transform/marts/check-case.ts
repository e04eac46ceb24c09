import { parseSelect } from '../../../src/sql/grammar/parse-select.ts';
import { armSql } from '../../../src/transform/marts/arms/print-arm.ts';
import { findArms } from '../../../src/transform/marts/find-arms.ts';
import { generateUpkeep } from '../../../src/transform/marts/generate-upkeep.ts';
import { keysInTable } from '../../../src/transform/marts/narrow/key-set.ts';
import { narrowSelect } from '../../../src/transform/marts/narrow/narrow-select.ts';
import { readSchema } from '../../../src/transform/marts/read-schema.ts';
import { NotCovered } from '../../../src/transform/marts/rules/reading.ts';
import { MartCase, textOf } from './mart-case.ts';

/** What a random case showed. */
export interface Verdict {
    /** Null: all is well. */
    readonly problem: string | null;
    /** `invalid`: SQLite refuses the SELECT, or it gives too many rows; `in full`: no rule covers it. */
    readonly kind: 'checked' | 'invalid' | 'in full';
    /** Batches in which arms told the keys, and those in which all keys were compared. */
    readonly keyed: number;
    readonly inFull: number;
    /** Keyed batches in which rows changed. */
    readonly keyedAndChanged: number;
    readonly narrowed: boolean;
}

const BATCHES = 12;

const NOTHING = { problem: null, keyed: 0, inFull: 0, keyedAndChanged: 0, narrowed: false } as const;

/** Each key whose rows a batch of changes makes others must be among the keys that the arms find. */
export function checkKeys(seed: number): Verdict {
    return inCase(seed, (one) => {
        const parsed = parseSelect(one.select.sql);
        if (parsed === undefined) {
            return { ...NOTHING, kind: 'invalid', problem: 'the parser does not understand what SQLite does' };
        }
        const { arms } = findArms(parsed, one.columns, one.select.key, readSchema(one.database, one.fillers));
        const statements = arms.map((arm) => ({ isKeyed: arm.arm.key !== undefined, sql: armSql(arm, 'mart') }));
        let [keyed, inFull, keyedAndChanged] = [0, 0, 0];
        one.taken();
        let before = one.rows();
        for (let batch = 0; batch < BATCHES; batch++) {
            // Images of several runs may be there: they find too much, never too little.
            if (one.random.chance(85)) {
                one.forgetImages();
            }
            const changes = one.change();
            const after = one.rows();
            if (before === undefined || after === undefined) {
                return { ...NOTHING, kind: 'invalid' };
            }
            const needed = keysOfChange(one, before, after);
            const isAll = statements.some(
                ({ isKeyed, sql }) => !isKeyed && one.database.prepare(sql).get() !== undefined,
            );
            const found = new Set(
                statements
                    .filter(({ isKeyed }) => isKeyed)
                    .flatMap(({ sql }) =>
                        one.database
                            .prepare(sql)
                            .raw()
                            .safeIntegers()
                            .all()
                            .map((row) => keyText(row as unknown[])),
                    ),
            );
            const missed = isAll ? undefined : [...needed].find((key) => !found.has(key));
            if (missed !== undefined) {
                const told = [
                    `missed ${missed}`,
                    one.select.sql,
                    `key ${one.select.key}`,
                    ...changes,
                    '',
                    ...statements.map(({ isKeyed, sql }) => (isKeyed ? sql : `ALL ${sql}`)),
                ];
                return { ...NOTHING, kind: 'checked', problem: told.join('\n') };
            }
            keyed += isAll ? 0 : 1;
            inFull += isAll ? 1 : 0;
            keyedAndChanged += !isAll && needed.size > 0 ? 1 : 0;
            before = after;
            one.taken();
        }
        return { ...NOTHING, kind: 'checked', keyed, inFull, keyedAndChanged };
    });
}

/** The narrowed SELECT must give the rows of the SELECT that have one of the keys, whichever they are. */
export function checkNarrowing(seed: number): Verdict {
    return inCase(seed, (one) => {
        const parsed = parseSelect(one.select.sql);
        const rows = one.rows();
        if (parsed === undefined || rows === undefined) {
            return { ...NOTHING, kind: 'invalid' };
        }
        // What is always compared in full is not narrowed.
        const { arms } = findArms(parsed, one.columns, one.select.key, readSchema(one.database, one.fillers));
        if (!arms.some(({ arm }) => arm.key !== undefined)) {
            return { ...NOTHING, kind: 'in full' };
        }
        const keys = new Set(
            rows.map((row) => one.keyOf(row)).filter((key) => key !== undefined && one.random.chance(40)),
        );
        const names = one.select.key;
        one.database.exec(`create table dirty (${names.map((name) => `${name} any`).join(', ')}) strict`);
        const chosen = new Map(rows.flatMap((row) => (keys.has(one.keyOf(row)) ? [[one.keyOf(row), row]] : [])));
        for (const row of chosen.values()) {
            const values = names.map((name) => row[one.columns.indexOf(name)]);
            one.database.prepare(`insert into dirty values (${names.map(() => '?').join(', ')})`).run(...values);
        }
        const places = names.map((name) => one.columns.indexOf(name));
        const narrowed = narrowSelect(
            parsed,
            places,
            keysInTable('dirty', names),
            readSchema(one.database, one.fillers),
        );
        const tuple = names.length === 1 ? names[0] : `(${names.join(', ')})`;
        const sql = narrowed.isExact
            ? narrowed.text
            : `select * from (${narrowed.text}) where ${tuple} in (select ${names.join(', ')} from dirty)`;
        const got = one.database
            .prepare(sql)
            .raw()
            .safeIntegers()
            .all()
            .map((row) => textOf(row as unknown[]))
            .sort();
        const wanted = rows
            .filter((row) => keys.has(one.keyOf(row)))
            .map((row) => textOf(row))
            .sort();
        const isSame = got.length === wanted.length && got.every((row, index) => row === wanted[index]);
        const problem = isSame ? null : ['narrowed wrongly', one.select.sql, `key ${names}`, sql, ...keys].join('\n');
        return { ...NOTHING, kind: 'checked', problem, narrowed: narrowed.wide.length === 0 };
    });
}

/** The generated upkeep, run as it stands after each batch, must leave what the SELECT gives. */
export function checkUpkeep(seed: number): Verdict {
    return inCase(seed, (one) => {
        const upkeep = generateUpkeep({
            name: 'mart',
            definition: one.definition,
            database: one.database,
            fillers: one.fillers,
            images: undefined,
            isMigrated: false,
        });
        let [batches, changed] = [0, 0];
        for (let batch = 0; batch <= BATCHES; batch++) {
            const rows = one.rows();
            if (rows === undefined) {
                break;
            }
            if (!isUnique(rows.map((row) => one.keyOf(row)))) {
                // It must not run as if nothing were wrong.
                if (!stops(one, upkeep.text)) {
                    const problem = ['a key is null or there twice, and the upkeep ran', one.select.sql, upkeep.text];
                    return { ...NOTHING, kind: 'checked', problem: problem.join('\n') };
                }
                break;
            }
            const before = batch === 0 ? undefined : martRows(one);
            one.database.exec(upkeep.text);
            const wanted = rows.map((row) => textOf(row)).sort();
            const held = martRows(one);
            if (held.length !== wanted.length || !held.every((row, index) => row === wanted[index])) {
                return {
                    ...NOTHING,
                    kind: 'checked',
                    problem: ['the table differs', one.select.sql, upkeep.text].join('\n'),
                };
            }
            const bad = failedTest(one, upkeep.tests);
            if (bad !== undefined) {
                return {
                    ...NOTHING,
                    kind: 'checked',
                    problem: [`the data test finds rows: ${bad}`, one.select.sql].join('\n'),
                };
            }
            batches++;
            changed += before !== undefined && before.join() !== held.join() ? 1 : 0;
            if (one.random.chance(85)) {
                one.forgetImages();
            }
            one.change();
        }
        const isKeyed = upkeep.how.inFull.length === 0;
        return {
            ...NOTHING,
            kind: batches < 2 ? 'invalid' : 'checked',
            keyed: isKeyed ? batches : 0,
            inFull: isKeyed ? 0 : batches,
            keyedAndChanged: isKeyed ? changed : 0,
            narrowed: upkeep.how.wide.length === 0,
        };
    });
}

function inCase(seed: number, check: (one: MartCase) => Verdict): Verdict {
    const one = MartCase.create(seed);
    if (one === undefined) {
        return { ...NOTHING, kind: 'invalid' };
    }
    try {
        return check(one);
    } catch (error) {
        if (error instanceof NotCovered) {
            return { ...NOTHING, kind: 'in full' };
        }
        return { ...NOTHING, kind: 'checked', problem: `${error}\n${one.select.sql}\nkey ${one.select.key}` };
    } finally {
        one.close();
    }
}

/** Keys whose rows are not the same bag before and after. */
function keysOfChange(
    one: MartCase,
    before: readonly (readonly unknown[])[],
    after: readonly (readonly unknown[])[],
): ReadonlySet<string> {
    const counts = new Map<string, { readonly key: string; count: number }>();
    for (const [rows, step] of [
        [before, -1],
        [after, 1],
    ] as const) {
        for (const row of rows) {
            const text = textOf(row);
            const held = counts.get(text) ?? { key: one.keyOf(row) ?? NULL_KEY, count: 0 };
            held.count += step;
            counts.set(text, held);
        }
    }
    return new Set([...counts.values()].flatMap(({ key, count }) => (count === 0 ? [] : [key])));
}

/** Of a key that is null it must be known that there may be one: the run stops at such a row. */
const NULL_KEY = 'null';

function keyText(key: readonly unknown[]): string {
    return key.includes(null) ? NULL_KEY : textOf(key);
}

function stops(one: MartCase, upkeep: string): boolean {
    try {
        one.database.exec(upkeep);
        return false;
    } catch (error) {
        return /constraint failed/.test(String(error));
    }
}

function isUnique(keys: readonly (string | undefined)[]): boolean {
    return !keys.includes(undefined) && new Set(keys).size === keys.length;
}

function martRows(one: MartCase): readonly string[] {
    const columns = one.columns.join(', ');
    return one.database
        .prepare(`select ${columns} from mart`)
        .raw()
        .safeIntegers()
        .all()
        .map((row) => textOf(row as unknown[]))
        .sort();
}

function failedTest(
    one: MartCase,
    tests: readonly { readonly badThing: string; readonly sql: string }[],
): string | undefined {
    return tests.find(({ sql }) => one.database.prepare(sql).get() !== undefined)?.badThing;
}
