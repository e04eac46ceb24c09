import Sqlite from 'better-sqlite3';
import { grouped } from '../report.ts';
import { TursoFailed, TursoProcess } from './turso-process.ts';

/** A short way to a view that does not hold what its SELECT gives. */
interface Fault {
    readonly what: string;
    /** Tables, and rows that are there before the view. */
    readonly before: readonly string[];
    readonly select: string;
    readonly after: readonly string[];
}

const SALE = 'create table sale (id integer primary key, shop integer, cents integer)';
const SUM = 'select shop, sum(cents) as cents from sale group by shop';
const JOIN = 'select pet.id, name from pet join owner on owner.id = pet.owner';

/** The start of a SELECT from the table `number`. */
function numbers(last: number): string {
    return `with recursive number(i) as (select 1 union all select i + 1 from number where i < ${last})`;
}

/** Five pets of each owner. */
function pets(count: number): readonly string[] {
    return [
        'create table owner (id integer primary key, name text)',
        'create table pet (id integer primary key, owner integer)',
        `insert into owner ${numbers(count / 5)} select i, 'Ada' from number`,
        `insert into pet ${numbers(count)} select i, i % ${count / 5} + 1 from number`,
    ];
}

const FAULTS: readonly Fault[] = [
    { what: 'a join loses rows while it is filled', before: pets(1_000), select: JOIN, after: [] },
    { what: 'a join of more rows', before: pets(5_000), select: JOIN, after: [] },
    {
        what: 'a commit fails after its rows are stored',
        before: [SALE],
        select: SUM,
        after: ['begin', `insert into sale ${numbers(20_000)} select i, i, 10 from number`, 'commit'],
    },
    {
        what: 'a group that was emptied row by row does not come back',
        before: [SALE],
        select: 'select shop, count(*) as sales from sale group by shop',
        after: [
            'insert into sale values (1, 7, 10), (2, 7, 10)',
            'delete from sale where id = 1',
            'delete from sale where id = 2',
            'insert into sale values (3, 7, 10)',
        ],
    },
    {
        what: 'the least value is there twice, and one goes',
        before: [SALE],
        select: 'select shop, min(cents) as least from sale group by shop',
        after: ['insert into sale values (1, 7, 10), (2, 7, 10)', 'delete from sale where id = 1'],
    },
    {
        what: 'a sum of nulls is null',
        before: [SALE],
        select: SUM,
        after: ['insert into sale values (1, 7, null)'],
    },
    {
        what: 'sums are real numbers',
        before: [SALE],
        select: SUM,
        after: ['insert into sale values (1, 7, 9007199254740992), (2, 7, 1)'],
    },
    {
        what: 'what a savepoint took back stays',
        before: [SALE],
        select: SUM,
        after: [
            'insert into sale values (1, 7, 10)',
            'begin',
            'savepoint one',
            'insert into sale values (2, 7, 10)',
            'rollback to one',
            'commit',
        ],
    },
];

/** Each with what the view holds in Turso, and what its SELECT gives in SQLite after the same statements. */
export async function faultLines(): Promise<readonly string[][]> {
    const lines: string[][] = [];
    for (const fault of FAULTS) {
        const { what, before, select, after } = fault;
        const statements = [...before, `create materialized view kept as ${select}`, ...after];
        const sql = statements.map((statement) => `\`${statement};\``).join('<br>');
        lines.push([what, sql, await inTurso(statements), inSqlite(fault)]);
    }
    return lines;
}

async function inTurso(statements: readonly string[]): Promise<string> {
    const turso = new TursoProcess();
    try {
        await turso.ask({ op: 'open', name: 'one', file: ':memory:' });
        await turso.ask({ op: 'execute', name: 'one', statements });
        // As text: the numbers of JSON are not exact.
        const { rows = [] } = await turso.ask({ op: 'rows', name: 'one', sql: 'select * from kept', asText: true });
        return shown(rows as readonly string[][]);
    } catch (error) {
        if (!(error instanceof TursoFailed)) {
            throw error;
        }
        return error.message;
    } finally {
        await turso.end();
    }
}

function inSqlite({ before, select, after }: Fault): string {
    const database = new Sqlite(':memory:');
    database.exec([...before, ...after].join(';'));
    const rows = database.prepare(select).raw().safeIntegers().all() as unknown[][];
    database.close();
    return shown(rows.map((row) => row.map(String)));
}

function shown(rows: readonly (readonly string[])[]): string {
    return rows.length === 1 ? `(${rows[0]?.join(', ')})` : `${grouped(rows.length)} rows`;
}
