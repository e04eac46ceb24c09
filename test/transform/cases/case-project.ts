import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { schemaOfFiles } from '../../../src/load/schema-of-files.ts';
import { readCases } from '../../../src/project/case-files.ts';
import { readProjectFiles } from '../../../src/project/model-files.ts';
import { settingsOf, sqlFolder } from '../../../src/project/settings.ts';
import { caseGround } from '../../../src/transform/cases/case-ground.ts';
import { printCase } from '../../../src/transform/cases/print-case.ts';
import { type CaseOptions, type CaseResult, runCase } from '../../../src/transform/cases/run-case.ts';
import { loadGenerator } from '../../../src/transform/marts/with-generator.ts';
import { workFolder } from '../../support/elt.ts';

/** A shop: customers and orders from the stream, prices from a file, a mart of them, and one over that mart. */
const FILES: Readonly<Record<string, string>> = {
    'upkeep/current_customer.sql': currentFile('customer', 'id', ['id text', 'name text', 'discount real']),
    'upkeep/current_orders.sql': currentFile('orders', 'number', ['number integer', 'customer text', 'cents integer']),
    'sources/prices.sql': '-- files: prices*.csv\ncreate table prices (item text not null, cents integer not null);\n',
    'marts/customer_totals.sql': `-- row: one customer
-- key: id
-- why: who buys

select customer.id, customer.name, count(orders.number) as orders, sum(orders.cents) as cents
from current_customer as customer
left join current_orders as orders on orders.customer = customer.id
group by customer.id, customer.name;
`,
    'marts/good_customers.sql': `-- row: one customer who has bought for more than 1,000
-- key: id
-- why: the letter of thanks

select id, cents from customer_totals where cents > 1000;
`,
    'marts/price_list.sql': `-- row: one line of the price list
-- key: _seq
-- why: what the shop asks for

select _seq, item, cents from stg_prices;
`,
};

/** A current table as a person might write it: with the images of its rows, and a fold that takes whole rows in. */
function currentFile(table: string, key: string, columns: readonly string[]): string {
    const names = columns.map((column) => column.split(' ')[0]);
    const image = (op: string, which: 'old' | 'new'): string =>
        `insert into changed_${table} select tick, '${op}', '${which}', ${names.map((name) => `${which}.${name}`).join(', ')} from elt_clock;`;
    return `-- row: the latest state of a row of public.${table}
-- relation: public.${table}
-- key: ${key}

create table if not exists current_${table} (
${columns.map((column) => `    ${column}${column.startsWith(`${key} `) ? ' not null' : ''}`).join(',\n')}
) strict;

create unique index if not exists key_${table} on current_${table} (${key});

create table if not exists changed_${table} (
    _tick integer not null, _op text not null, _image text not null, ${columns.join(', ')}
) strict;

drop trigger if exists current_${table}_inserted;
create trigger current_${table}_inserted after insert on current_${table}
when (select recording from elt_watermarks where model = 'current_${table}')
begin
    ${image('insert', 'new')}
end;

drop trigger if exists current_${table}_updated;
create trigger current_${table}_updated after update on current_${table}
when (select recording from elt_watermarks where model = 'current_${table}')
begin
    ${image('update', 'old')}
    ${image('update', 'new')}
end;

drop trigger if exists current_${table}_deleted;
create trigger current_${table}_deleted after delete on current_${table}
when (select recording from elt_watermarks where model = 'current_${table}')
begin
    ${image('delete', 'old')}
end;

insert or ignore into elt_watermarks (model) values ('current_${table}');

insert into current_${table} (${names.join(', ')})
select ${names.join(', ')}
from stg_${table}
where _seq > (select watermark from elt_watermarks where model = 'current_${table}')
    and _seq <= (select whole_seq from elt_stream)
order by _seq;

update elt_watermarks
set watermark = (select whole_seq from elt_stream)
where model = 'current_${table}';
`;
}

/** A project with the pipeline `shop`, and with these files besides or in place of its own. */
export function caseProject(files: Readonly<Record<string, string>>): string {
    const project = workFolder();
    mkdirSync(join(project, 'migrations', 'shop'), { recursive: true });
    for (const [name, text] of Object.entries({ ...FILES, ...files })) {
        const path = join(project, 'sql', 'shop', name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
    }
    return project;
}

const FEW: CaseOptions = { seed: 1, histories: 3 };

/** Runs all cases of a pipeline, in this process. */
export async function runAll(
    project: string,
    options: CaseOptions = FEW,
    pipeline = 'shop',
): Promise<readonly CaseResult[]> {
    return await withGround(project, pipeline, (ground, cases) => cases.map((one) => runCase(ground, one, options)));
}

export async function printAll(project: string, pipeline = 'shop'): Promise<string> {
    const scripts = await withGround(project, pipeline, (ground, cases) => cases.map((one) => printCase(ground, one)));
    return scripts.join('\n');
}

async function withGround<T>(
    project: string,
    pipeline: string,
    work: (ground: ReturnType<typeof caseGround>, cases: ReturnType<typeof readCases>) => T,
): Promise<T> {
    await loadGenerator();
    const settings = settingsOf({ project, pipeline });
    const files = readProjectFiles(sqlFolder(settings), pipeline);
    const schema = schemaOfFiles(settings, files);
    try {
        return work(caseGround(schema, files), readCases(sqlFolder(settings), pipeline));
    } finally {
        schema.database.close();
    }
}
