import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { elt, workFolder } from '../../support/elt.ts';
import { caseProject } from '../cases/case-project.ts';

/** A plan that was worked out for one database serves another one only where all that it depends on is the same. */

const PRICES = '-- files: prices*.csv\ncreate table prices (item text not null, cents integer not null);\n';

interface Change {
    readonly what: string;
    /** The files to write, by the plan before. */
    readonly files: (plan: string) => Readonly<Record<string, string>>;
}

const changes: readonly Change[] = [
    {
        what: 'the type of a column of a staging table',
        files: () => ({
            'sql/shop/sources/prices.sql': PRICES.replace('cents integer', 'cents real'),
        }),
    },
    {
        what: 'the SELECT of a mart, whose upkeep nobody has edited',
        files: () => ({
            'sql/shop/upkeep/price_list.sql': '',
            'sql/shop/marts/price_list.sql':
                '-- row: one line of the price list\n-- key: _seq\n\nselect _seq, item, cents / 100.0 as price from stg_prices;\n',
        }),
    },
    {
        what: 'that a migration creates the table of a mart',
        files: () => ({
            'migrations/shop/0001_create_price_list.sql':
                'create table price_list (_seq integer not null, item text, price real) strict;\n',
        }),
    },
    {
        what: 'a view that a mart reads',
        files: () => ({
            'sql/shop/views/dear.sql': 'drop view if exists dear;\ncreate view dear as select * from stg_prices;\n',
            'sql/shop/marts/dear_list.sql': '-- row: one line\n-- key: _seq\n\nselect _seq, item from dear;\n',
        }),
    },
    {
        what: 'the text of that view',
        files: () => ({
            'sql/shop/views/dear.sql':
                "drop view if exists dear;\ncreate view dear as select * from stg_prices where item > 'a';\n",
        }),
    },
    {
        what: 'the upkeep of a mart, which a person has edited',
        files: (plan) => ({
            'sql/shop/upkeep/dear_list.sql': `${upkeepIn(plan)}create index by_item on dear_list (item);\n`,
        }),
    },
];

test('a kept plan is the one that would be worked out, whatever has changed', async () => {
    const project = caseProject({});
    const compiled = workFolder();
    writeFileSync(join(project, 'prices.csv'), 'item,cents\na,1\nb,2\n');
    const planned = async (env: Readonly<Record<string, string>>): Promise<string> => {
        const db = join(workFolder(), 'shop.db');
        const settings = ['--pipeline', 'shop', '--db', db];
        const ran = await elt([...settings, 'run', 'prices.csv'], { cwd: project, env });
        expect(ran.stderr.replaceAll(/^note: .*\n/gm, '')).not.toContain('error');
        const database = new Sqlite(db, { readonly: true });
        const plan = database.prepare('select plan from elt_order').pluck().get() as string;
        database.close();
        return plan;
    };
    const kept = (): Promise<string> => planned({ NODE_COMPILE_CACHE: compiled });
    let last = await kept();
    const [before] = textsIn(compiled);
    expect(await kept()).toBe(last);
    // It was found: what is worked out again is written again.
    expect(textsIn(compiled)).toEqual([before]);
    for (const { what, files } of changes) {
        for (const [file, text] of Object.entries(files(last))) {
            mkdirSync(dirname(join(project, file)), { recursive: true });
            writeFileSync(join(project, file), text);
        }
        const fresh = await planned({ NODE_DISABLE_COMPILE_CACHE: '1' });
        expect(fresh, what).not.toBe(last);
        expect(await kept(), what).toBe(fresh);
        expect(await kept(), what).toBe(fresh);
        last = fresh;
    }
    rmSync(project, { recursive: true });
});

test.each([
    ['gets a column', { name: 'colour', type: 'text', value: 'red' }],
    ['gets another type', { name: 'size', type: 'text', value: 'large' }],
])('a mart of all columns follows a table that %s', async (_, column) => {
    const project = caseProject({
        'marts/all_paints.sql': '-- row: one line\n-- key: _seq\n\nselect * from stg_paint;\n',
    });
    const size = { name: 'size', type: 'integer', value: 7 };
    const landed = [[size], [{ ...size, value: 8 }, column].slice(column.name === 'size' ? 1 : 0)];
    for (const [index, columns] of landed.entries()) {
        const change = { action: 'I', schema: 'public', table: 'paint', columns };
        writeFileSync(join(project, `${index}.json`), `{"action":"B"}\n${JSON.stringify(change)}\n{"action":"C"}\n`);
        await ended(['run', '--stream', `${index}.json`], project);
    }
    await ended(['verify'], project);
    const database = new Sqlite(join(project, 'shop.db'), { readonly: true });
    const values = database.prepare(`select "${column.name}" from all_paints order by _seq`).pluck().all();
    database.close();
    expect(values[1]).toBe(column.value);
    await ended(['transform', '--rebuild'], project);
});

async function ended(words: readonly string[], cwd: string): Promise<void> {
    const ran = await elt(['--pipeline', 'shop', ...words], { cwd });
    expect(ran.status, ran.stderr).toBe(0);
}

function upkeepIn(plan: string): string {
    return (JSON.parse(plan) as { upkeeps: Record<string, { text: string }> }).upkeeps.dear_list?.text ?? '';
}

/** What was kept: where, what, and when. */
function textsIn(compiled: string): readonly (readonly [string, string, number])[] {
    return readdirSync(compiled, { recursive: true, encoding: 'utf8' })
        .filter((name) => /elt-texts.[0-9a-f]{2}$/.test(name))
        .map((name) => join(compiled, name))
        .map((file) => [file, readFileSync(file, 'utf8'), statSync(file).mtimeMs]);
}
