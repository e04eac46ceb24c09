import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CurrentSpec } from '../../src/transform/current/current-spec.ts';
import { currentSql } from '../../src/transform/current/current-sql.ts';
import { workFolder } from './elt.ts';
import type { ModelTable, PostgresModel, Value } from './postgres-model.ts';

/** A pipeline that is not about payments: a composite key, an aggregate over a left join, and a `not exists`. */

export const SHOP_TABLES: readonly ModelTable[] = [
    {
        name: 'orders',
        key: ['region', 'number'],
        columns: [
            { name: 'region', type: 'text', pool: ['north', 'sou"th', '007'], toasted: true },
            { name: 'number', type: 'bigint', pool: [1, 2, 9007199254740991], toasted: false },
            { name: 'customer', type: 'text', pool: ['c0', 'c1', 'c2', null], toasted: true },
            { name: 'cents', type: 'integer', pool: [100, 250, -1, null], toasted: false },
            { name: 'note', type: 'text', pool: ['', 'x', "it's", null], toasted: true },
        ],
    },
    {
        name: 'customer',
        key: ['id'],
        columns: [
            { name: 'id', type: 'text', pool: ['c0', 'c1', 'c2', 'c3'], toasted: false },
            { name: 'name', type: 'text', pool: ['Ann', 'Bob', null], toasted: true },
        ],
    },
    {
        name: 'ban',
        key: ['customer'],
        columns: [
            { name: 'customer', type: 'text', pool: ['c0', 'c1', 'c2'], toasted: false },
            { name: 'reason', type: 'text', pool: ['late', null], toasted: true },
        ],
    },
];

interface Mart {
    readonly name: string;
    readonly key: string;
    readonly columns: readonly string[];
    readonly definition: string;
    readonly arms: readonly string[];
    readonly reads: readonly string[];
}

const MARTS: readonly Mart[] = [
    {
        name: 'customer_totals',
        key: 'id',
        columns: ['id text not null primary key', 'name text', 'orders integer', 'cents integer'],
        definition: `select customer.id, customer.name, count(orders.number) as orders, sum(orders.cents) as cents
from current_customer as customer
left join current_orders as orders on orders.customer = customer.id
group by customer.id, customer.name`,
        arms: [
            'select id from changed_customer where id is not null',
            'select customer from changed_orders where customer is not null',
        ],
        reads: ['current_customer', 'current_orders'],
    },
    {
        name: 'open_customers',
        key: 'id',
        columns: ['id text not null primary key', 'orders integer'],
        definition: `select totals.id, totals.orders
from customer_totals as totals
where not exists (select 1 from current_ban as ban where ban.customer = totals.id)`,
        arms: ['select customer from changed_ban', 'select id from changed_customer_totals'],
        reads: ['current_ban', 'customer_totals'],
    },
];

/** Writes the pipeline `shop` into a folder; file names sort against the order in which the models must run. */
export function shopProject(): string {
    const project = workFolder();
    const sql = join(project, 'sql', 'shop');
    for (const folder of ['upkeep', 'marts', 'tests']) {
        mkdirSync(join(sql, folder), { recursive: true });
    }
    mkdirSync(join(project, 'migrations'));
    for (const table of SHOP_TABLES) {
        const spec = specOf(table);
        writeFileSync(join(sql, 'upkeep', `current_${table.name}.sql`), currentSql(spec));
    }
    for (const mart of MARTS) {
        writeFileSync(join(sql, 'marts', `${mart.name}.sql`), martSql(mart));
        writeFileSync(join(sql, 'tests', `${mart.name}__not_its_definition.sql`), definitionTest(mart));
    }
    return project;
}

function specOf(table: ModelTable): CurrentSpec {
    return {
        tail: table.name,
        schema: 'public',
        table: table.name,
        key: table.key,
        columns: table.columns.map(({ name, type }) => ({ name, type: type === 'text' ? 'TEXT' : 'INTEGER' })),
    };
}

function martSql({ name, key, columns, definition, arms, reads }: Mart): string {
    const names = columns.map((column) => column.split(' ')[0] as string);
    const sets = names.slice(1).map((column) => `${column} = excluded.${column}`);
    return `-- row: one ${key}
-- key: ${key}

create table if not exists ${name} (${columns.join(', ')}) strict;
${imagesSql(name, columns)}
drop view if exists ${name}_now;
create view ${name}_now as
${definition};

create table if not exists ${name}_dirty (${key} text not null primary key) strict, without rowid;
delete from ${name}_dirty;
insert or ignore into ${name}_dirty
${arms.join('\nunion all\n')};

insert or ignore into elt_watermarks (model) values ('${name}');
delete from ${name} where '${name}' in (select model from elt_unfilled);
insert into ${name} select * from ${name}_now where '${name}' in (select model from elt_unfilled);
delete from ${name}
where ${key} in (select ${key} from ${name}_dirty) and ${key} not in (select ${key} from ${name}_now);
insert into ${name}
select * from ${name}_now where ${key} in (select ${key} from ${name}_dirty)
on conflict (${key}) do update set ${sets.join(', ')}
where (${names.map((column) => `${name}.${column}`).join(', ')})
    is distinct from (${names.map((column) => `excluded.${column}`).join(', ')});

update elt_watermarks
set watermark = (
    select min(watermark) from elt_watermarks where model in (${reads.map((one) => `'${one}'`).join(', ')})
)
where model = '${name}';
`;
}

/** The same triggers as a current table has: so one mart can feed another. */
function imagesSql(name: string, columns: readonly string[]): string {
    const names = columns.map((column) => column.split(' ')[0] as string);
    const plain = columns.map((column) => column.replace(' not null primary key', ''));
    const image = (op: string, which: string): string =>
        `    insert into changed_${name} select tick, '${op}', '${which}', ${names.map((one) => `${which}.${one}`).join(', ')} from elt_clock;`;
    const trigger = (op: string, images: readonly string[]): string => `drop trigger if exists ${name}_${op}d;
create trigger ${name}_${op}d after ${op} on ${name}
when (select recording from elt_watermarks where model = '${name}')
begin
${images.map((which) => image(op, which)).join('\n')}
end;
`;
    return `create table if not exists changed_${name} (
    _tick integer not null, _op text not null, _image text not null, ${plain.join(', ')}
) strict;
${trigger('insert', ['new'])}${trigger('update', ['old', 'new'])}${trigger('delete', ['old'])}`;
}

function definitionTest({ name, key }: Mart): string {
    return `-- why: the keys of this run must be what the view says
-- scope: changed

select * from ${name}_now where ${key} in (select ${key} from ${name}_dirty)
except
select * from ${name};
`;
}

/** The marts worked out without SQL. */
export function shopMarts(model: PostgresModel): Readonly<Record<string, Value[][]>> {
    const orders = model.table('orders');
    const banned = new Set(model.table('ban').map((ban) => ban.customer));
    const totals = model.table('customer').map(({ id, name }) => {
        const own = orders.filter((order) => order.customer === id);
        const cents = own.map((order) => order.cents).filter((one) => one !== null) as number[];
        const sum = cents.length === 0 ? null : cents.reduce((left, right) => left + right, 0);
        return [id, name, own.length, sum] as Value[];
    });
    const sorted = totals.sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
    return {
        customer_totals: sorted,
        open_customers: sorted
            .filter(([id]) => !banned.has(id as Value))
            .map(([id, , count]) => [id, count] as Value[]),
    };
}
