import { quoteName } from '../../sql/quote.ts';
import type { Database } from '../../sqlite/database.ts';
import { copyInMemory } from '../../sqlite/in-memory.ts';
import { keepStatements, prepared } from '../../sqlite/kept-statements.ts';
import type { PlannedModel } from '../plan/decide.ts';
import { emptyModel, forgetTakenChanges } from '../run-steps.ts';
import type { CaseChain } from './case-chain.ts';
import { type CaseGround, runModelFile, setLanded } from './case-ground.ts';
import type { CaseTable } from './case-table.ts';
import type { GotRows } from './compare-rows.ts';
import type { Content } from './read-case.ts';

/**
 * A database in memory in which a case runs: the tables that it gives are there and empty. Models run in it as
 * `elt transform` runs them, and as their files do in the shell: each brings its table up to date with what has changed.
 */
export class CaseDatabase {
    readonly database: Database;
    readonly #ground: CaseGround;
    readonly #chain: CaseChain;
    readonly #isStaged: boolean;
    #isFilled = false;

    static of(ground: CaseGround, chain: CaseChain, given: readonly CaseTable[]): CaseDatabase {
        const database = ground.copy();
        const isStaged = given.some(isStaging);
        // Where nothing is staged, something has landed all the same: a model that has taken in nothing fills itself anew.
        setLanded(database, 1);
        for (const maker of chain.makers) {
            runModelFile(database, maker);
        }
        setLanded(database, isStaged ? 0 : 1);
        return new CaseDatabase(database, ground, chain, isStaged);
    }

    private constructor(database: Database, ground: CaseGround, chain: CaseChain, isStaged: boolean) {
        this.database = database;
        this.#ground = ground;
        this.#chain = chain;
        this.#isStaged = isStaged;
        keepStatements(database);
    }

    /** Another one like it, before any row was inserted. */
    copy(): CaseDatabase {
        return new CaseDatabase(copyInMemory(this.database), this.#ground, this.#chain, this.#isStaged);
    }

    insert({ name, columns }: CaseTable, row: readonly unknown[]): void {
        const list = columns.map((column) => quoteName(column.name)).join(', ');
        const values = columns.map(() => '?').join(', ');
        prepared(this.database, `insert into ${quoteName(name)} (${list}) values (${values})`).run(...row);
    }

    /** Models take in what has changed. `forgets`: images that all have taken in are deleted first, as each run does. */
    takeIn(forgets = true): void {
        if (this.#isStaged) {
            setLanded(this.database, this.#lastStaged());
        }
        const moved = this.database.prepare(
            'update elt_watermarks set watermark = (select whole_seq from elt_stream) where model = ?',
        );
        for (const { ordered } of this.#chain.givers) {
            moved.run(ordered.model);
        }
        if (this.#isFilled && forgets) {
            this.#execAll(forgetTakenChanges(this.database, this.#ground.planned));
        }
        const anew = new Set<string>(this.#isFilled ? this.#chain.givers.filter(isPlain).map(modelOf) : []);
        for (const one of this.#chain.models) {
            if (this.#isFilled && one.ordered.upstream.some((name) => anew.has(name))) {
                this.#execAll(emptyModel(this.database, one, this.#ground.planned));
                anew.add(one.ordered.model);
            }
            runModelFile(this.database, one);
            if (isPlain(one)) {
                anew.add(one.ordered.model);
            }
        }
        this.#isFilled = true;
    }

    /** What the models make of these rows, if they are all there before the first run; the database stays as it was. */
    whole(content: Content, table: CaseTable): GotRows {
        this.database.exec('savepoint whole');
        try {
            for (const [given, rows] of content) {
                for (const row of rows) {
                    this.insert(given, row);
                }
            }
            this.takeIn();
            return this.rows(table);
        } finally {
            this.database.exec('rollback to whole; release whole');
            this.#isFilled = false;
        }
    }

    rows({ name, columns }: CaseTable): GotRows {
        const names = columns.map((column) => column.name);
        const rows = this.database
            .prepare(`select ${names.map(quoteName).join(', ')} from ${quoteName(name)}`)
            .raw()
            .safeIntegers()
            .all() as unknown[][];
        return { columns: names, rows };
    }

    close(): void {
        this.database.close();
    }

    #lastStaged(): bigint {
        const tables = this.database
            .prepare("select name from sqlite_schema where type = 'table' and name glob 'stg_*'")
            .pluck()
            .all() as string[];
        const last = tables.map((table) => `select max(_seq) as last from ${quoteName(table)}`).join(' union all ');
        return this.database
            .prepare(`select coalesce(max(last), 0) from (${last})`)
            .pluck()
            .safeIntegers()
            .get() as bigint;
    }

    #execAll(statements: readonly string[]): void {
        for (const sql of statements) {
            this.database.exec(sql);
        }
    }
}

export function isStaging({ name }: Pick<CaseTable, 'name'>): boolean {
    return name.startsWith('stg_');
}

/** It does all of its work every time, and records no single changes: what reads it is filled anew with it. */
function isPlain({ ordered, followed }: PlannedModel): boolean {
    return followed.model.kind !== 'view' && !ordered.writes.includes('elt_watermarks');
}

function modelOf({ ordered }: PlannedModel): string {
    return ordered.model;
}
