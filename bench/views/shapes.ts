import { HISTORY, problemOf, shopDatabase, upkeepOf } from '../../test/transform/marts/rules-case.ts';
import { verdictOf } from './compare-rows.ts';
import { SHOP_TABLES } from './turso-keeper.ts';
import { TursoFailed, TursoProcess } from './turso-process.ts';
import type { KeptView } from './view-keeper.ts';

/** Small SELECTs of what people write, over the shop. */
const SHAPES: readonly KeptView[] = [
    {
        name: 'inner join',
        key: 'purchase_id',
        select: 'select purchase_id, country from purchase join customer on customer.customer_id = purchase.customer_id',
    },
    {
        name: 'plain group',
        key: 'customer_id',
        select: 'select customer_id, count(*) as purchases, sum(cents) as cents from purchase where customer_id is not null group by customer_id',
    },
    { name: '`->>`', key: 'customer_id', select: "select customer_id, tags ->> '$[0]' as first from customer" },
    {
        name: 'union',
        key: 'customer_id',
        select: 'select customer_id from customer union select customer_id from purchase where customer_id is not null',
    },
    {
        name: 'left join',
        key: 'purchase_id',
        select: 'select purchase_id, name from purchase left join customer on customer.customer_id = purchase.customer_id',
    },
    {
        name: 'anti-join',
        key: 'customer_id',
        select: 'select customer.customer_id, name from customer left join purchase on purchase.customer_id = customer.customer_id where purchase.purchase_id is null',
    },
    {
        name: 'having',
        key: 'status',
        select: 'select status, count(*) as purchases from purchase where status is not null group by status having count(*) > 1',
    },
    {
        name: 'window',
        key: 'purchase_id',
        select: 'select purchase_id, row_number() over (partition by customer_id order by purchase_id) as place from purchase',
    },
    {
        name: '`not exists`',
        key: 'customer_id',
        select: 'select customer_id, name from customer where not exists (select 1 from purchase where purchase.customer_id = customer.customer_id)',
    },
    {
        name: '`case`',
        key: 'purchase_id',
        select: "select purchase_id, case when cents >= 500 then 'large' else 'small' end as size from purchase",
    },
    {
        name: 'scalar subquery that names the row',
        key: 'customer_id',
        select: 'select customer_id, (select max(cents) from purchase where purchase.customer_id = customer.customer_id) as largest from customer',
    },
    {
        name: 'scalar subquery that does not',
        key: 'purchase_id',
        select: "select purchase_id, cents from purchase where cents > (select value from setting where name = 'limit')",
    },
    {
        name: 'CTE with a group',
        key: 'customer_id',
        select: 'with spent as (select customer_id, sum(cents) as cents from purchase group by customer_id) select customer.customer_id, name, spent.cents from customer join spent on spent.customer_id = customer.customer_id',
    },
];

/** Whether each takes the SELECT, and whether it comes to its rows after each step of a history. */
export async function shapeLines(hasTurso: boolean): Promise<readonly string[][]> {
    const lines: string[][] = [];
    for (const shape of SHAPES) {
        lines.push([shape.name, `\`${shape.select}\``, ofElt(shape), hasTurso ? await ofTurso(shape) : '']);
    }
    return lines;
}

function ofElt({ name, select, key }: KeptView): string {
    const database = shopDatabase();
    const { inFull } = upkeepOf(database, select, key).how;
    database.close();
    const problem = problemOf({ construct: name, select, key, how: '' });
    return [
        problem === null ? 'right' : `wrong ${problem}`,
        inFull.length === 0 ? 'by keys' : `all rows are compared ${inFull.join(', ')}`,
    ].join('; ');
}

async function ofTurso({ select }: KeptView): Promise<string> {
    const [turso, sqlite] = [new TursoProcess(), shopDatabase()];
    const ask = async (statements: readonly string[]): Promise<unknown> =>
        await turso.ask({ op: 'execute', name: 'shop', statements });
    try {
        await turso.ask({ op: 'open', name: 'shop', file: ':memory:' });
        await ask(SHOP_TABLES);
        try {
            await ask([`create materialized view kept as ${select}`]);
        } catch (error) {
            return `refused: ${shortened(error)}`;
        }
        for (const changes of HISTORY) {
            sqlite.exec(changes);
            await ask(changes.split(';').filter((sql) => sql.trim() !== ''));
            const { rows = [] } = await turso.ask({ op: 'rows', name: 'shop', sql: 'select * from kept' });
            const verdict = verdictOf(rows, sqlite.prepare(select).raw().all() as unknown[][]);
            if (verdict !== 'right') {
                return `${verdict} after \`${changes}\``;
            }
        }
        return 'right';
    } finally {
        sqlite.close();
        await turso.end();
    }
}

/** The first words of a refusal: what follows is the engine's own tree of the SELECT. */
function shortened(error: unknown): string {
    if (!(error instanceof TursoFailed)) {
        throw error;
    }
    return error.message
        .replace(/^Parse error: /, '')
        .replace(/ \{.*$/s, '')
        .slice(0, 100);
}
