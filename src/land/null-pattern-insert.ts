import type { SqlValue } from '../change.ts';
import type { Database, Statement } from '../store/database.ts';
import { insertStaged } from './staging-ddl.ts';

/** How many patterns of nulls get a statement of their own; rows of further ones bind every column. */
const PATTERNS_MAX = 64;

/** A pattern is a number with a bit a column: beyond this many it would not be exact. */
const COLUMNS_MAX = 52;

interface Insert {
    readonly statement: Statement;
    /** Which of the row's values it binds. */
    readonly places: readonly number[];
    readonly values: (SqlValue | undefined)[];
}

/**
 * The insert of a shape's rows, one prepared statement for each pattern of nulls: a column that is not named is null
 * without being bound, and binding is most of what an insert costs.
 */
export class NullPatternInsert {
    private readonly database: Database;
    private readonly table: string;
    private readonly op: string;
    private readonly names: readonly string[];
    private readonly byPattern = new Map<number, Insert>();
    private readonly whole: Insert;

    constructor(database: Database, table: string, op: string, names: readonly string[]) {
        this.database = database;
        this.table = table;
        this.op = op;
        this.names = names;
        this.whole = this.prepare(names.map((_, place) => place));
    }

    /** Inserts one row; `row` has a value for each of the names. */
    run(row: readonly (SqlValue | undefined)[]): void {
        const { statement, places, values } = this.insertFor(row);
        for (let index = 0; index < places.length; index++) {
            values[index] = row[places[index] as number];
        }
        statement.run(...values);
    }

    private insertFor(row: readonly (SqlValue | undefined)[]): Insert {
        if (row.length > COLUMNS_MAX) {
            return this.whole;
        }
        let pattern = 0;
        for (let place = 0; place < row.length; place++) {
            pattern = pattern * 2 + (row[place] === null ? 0 : 1);
        }
        const known = this.byPattern.get(pattern);
        if (known !== undefined) {
            return known;
        }
        if (this.byPattern.size >= PATTERNS_MAX) {
            return this.whole;
        }
        const insert = this.prepare(row.flatMap((value, place) => (value === null ? [] : [place])));
        this.byPattern.set(pattern, insert);
        return insert;
    }

    private prepare(places: readonly number[]): Insert {
        const names = places.map((place) => this.names[place] as string);
        const statement = this.database.prepare(insertStaged(this.table, this.op, names));
        return { statement, places, values: new Array(places.length).fill(null) };
    }
}
