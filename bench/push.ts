/**
 * `npm run bench:push`: a first push of 100,000 rows and 1,000 changes after it, beside a bare bulk loop and `\copy`,
 * in turn. Needs PostgreSQL and, by Maven, OpenSearch.
 *
 *   --rounds 3      measurements a figure
 *   --no-write      print, and leave docs/benchmarks.md alone
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readProjectFiles } from '../src/project/model-files.ts';
import { martRows } from '../src/push/mart-rows.ts';
import { martShape } from '../src/push/mart-shape.ts';
import { documentId, documentText, isPlainKey } from '../src/push/search/document.ts';
import { indexBody } from '../src/push/search/mapping.ts';
import { closeDatabase, openDatabase } from '../src/sqlite/database.ts';
import { findPostgres, NO_POSTGRES, startCluster } from '../test/support/postgres.ts';
import { sharedServer } from '../test/support/start-search.ts';
import { grouped, machine, markdown, publish } from './report.ts';
import { median } from './statistics.ts';
import { CLI, NODE, PROJECT } from './workshop.ts';

const ROWS = 100_000;
const CHANGES = 1_000;
/** As many bytes as a request of `elt push` has, and as many on their way. */
const REQUEST_CHARACTERS = 4 * 1024 * 1024;

const { values: options } = parseArgs({
    options: { rounds: { type: 'string', default: '3' }, 'no-write': { type: 'boolean', default: false } },
});
const installation = findPostgres();
if (installation === undefined) {
    throw new Error(NO_POSTGRES);
}
const folder = mkdtempSync(join(tmpdir(), 'elt-bench-push-'));
mkdirSync(join(folder, 'search'), { recursive: true });
const cluster = startCluster(installation);
const env = { ...process.env, ELT_PIPELINE: 'payments', ELT_DB: join(folder, 'payments.db') };
const elt = (...words: readonly string[]): string =>
    execFileSync(NODE, [CLI, ...words], { cwd: folder, env, encoding: 'utf8', maxBuffer: 2 ** 30 });
try {
    prepare();
    const search = await sharedServer(join(folder, 'search'), process.pid);
    const figures = new Map<string, number[]>();
    const measure = async (name: string, work: () => unknown): Promise<void> => {
        const began = performance.now();
        await work();
        figures.set(name, [...(figures.get(name) ?? []), (performance.now() - began) / 1_000]);
        console.log(`${name}: ${figures.get(name)?.at(-1)?.toFixed(2)} s`);
    };
    const session = await cluster.createDatabase('bench');
    const address = cluster.address('bench');
    const psql = (sql: string): string =>
        execFileSync(
            installation.psql,
            ['-h', cluster.folder, '-U', 'postgres', '-d', 'bench', '-q', '-v', 'ON_ERROR_STOP=1'],
            {
                input: sql,
                encoding: 'utf8',
            },
        );
    for (let round = 1; round <= Number(options.rounds); round++) {
        const table = address.replace('/bench?', `/bench/r${round}.metrics?`);
        const index = `${search.base}/r${round}`;
        await measure('PostgreSQL, first, elt push', () => elt('push', 'metrics', '--to', table));
        await measure('PostgreSQL, first, \\copy', () => psql(copySql(round)));
        await measure('index, first, elt push', () => elt('push', 'metrics', '--to', index));
        const bodies = prepareBodies(false);
        await measure('index, first, bare bulk loop', () => bareBulk(search.base, `bare${round}`, bodies, true));
        change();
        await measure('PostgreSQL, changes, elt push', () => elt('push', 'metrics', '--to', table));
        await measure('PostgreSQL, changes, \\copy and upsert', () => psql(upsertSql(round)));
        await measure('index, changes, elt push', () => elt('push', 'metrics', '--to', index));
        const changed = prepareBodies(true);
        await measure('index, changes, bare bulk loop', () => bareBulk(search.base, `bare${round}`, changed, false));
        elt('push', 'forget', 'metrics');
    }
    await session.close();
    report(figures);
} finally {
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Rows as wide as those of the pipeline: its table, filled at once. */
function prepare(): void {
    elt('migrate');
    const database = openDatabase(join(folder, 'payments.db'));
    const columns = database
        .prepare("select name from pragma_table_info('metrics') order by cid")
        .pluck()
        .all() as string[];
    const values = columns.map((name) =>
        name === 'amount'
            ? 'abs(random() % 1000000)'
            : name === 'created_at'
              ? "strftime('%Y-%m-%d %H:%M:%f', 1623830400 + number, 'unixepoch')"
              : 'lower(hex(randomblob(16)))',
    );
    database.exec(`insert into metrics (${columns.join(', ')})
        with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < ${ROWS})
        select ${values.join(', ')} from numbers;
        create unique index if not exists key_metrics on metrics (event_id)`);
    closeDatabase(database);
    elt('export', 'metrics', '--format', 'csv');
}

/** 1,000 rows of the mart become others; which, `bench_changed` says. */
function change(): void {
    const database = openDatabase(join(folder, 'payments.db'));
    database.exec(`drop table if exists bench_changed;
        create table bench_changed as select event_id from metrics order by random() limit ${CHANGES};
        update metrics set amount = amount + 1 where event_id in (select event_id from bench_changed);
        create view if not exists bench_rows as
        select * from metrics where event_id in (select event_id from bench_changed)`);
    closeDatabase(database);
    elt('export', 'bench_rows', '--format', 'csv');
}

function columnsSql(): string {
    const database = openDatabase(join(folder, 'payments.db'), { readonly: true });
    const shape = martShape(database, 'metrics', modelOfMetrics());
    closeDatabase(database);
    return shape.columns.map(({ name, type }) => `"${name}" ${type.postgres}`).join(', ');
}

function modelOfMetrics() {
    return readProjectFiles(join(PROJECT, 'sql'), 'payments').models.find(({ name }) => name === 'metrics');
}

function copySql(round: number): string {
    return `create table public.bare${round} (${columnsSql()});
\\copy public.bare${round} from '${join(folder, 'metrics.csv')}' with (format csv, header)
alter table public.bare${round} add primary key (event_id);
`;
}

function upsertSql(round: number): string {
    return `begin;
create temporary table sent (like public.bare${round});
\\copy sent from '${join(folder, 'bench_rows.csv')}' with (format csv, header)
insert into public.bare${round} select * from sent
on conflict (event_id) do update set amount = excluded.amount, flow_id = excluded.flow_id, created_at = excluded.created_at;
commit;
`;
}

/** Bodies that lie ready in memory: the loop has nothing to do but to send them. */
function prepareBodies(isOfChanges: boolean): readonly string[] {
    const database = openDatabase(join(folder, 'payments.db'), { readonly: true });
    const shape = martShape(database, 'metrics', modelOfMetrics());
    const names = shape.columns.map(({ name }) => JSON.stringify(name));
    const kinds = shape.columns.map(({ type }) => type.kind);
    const isPlain = isPlainKey(shape);
    const bodies: string[] = [];
    let body = '';
    const changed = new Set(isOfChanges ? database.prepare('select event_id from bench_changed').pluck().all() : []);
    for (const { key, values } of martRows(database, shape, null)) {
        if (isOfChanges && !changed.has(key[0])) {
            continue;
        }
        body += `{"index":{"_id":${JSON.stringify(documentId(key, isPlain))}}}\n${documentText(names, kinds, values ?? [])}\n`;
        if (body.length >= REQUEST_CHARACTERS) {
            bodies.push(body);
            body = '';
        }
    }
    closeDatabase(database);
    return [...bodies, ...(body === '' ? [] : [body])];
}

async function bareBulk(base: string, index: string, bodies: readonly string[], isNew: boolean): Promise<void> {
    const send = async (method: string, path: string, body?: string): Promise<void> => {
        const type = path.includes('_bulk') ? 'application/x-ndjson' : 'application/json';
        const answer = await fetch(`${base}${path}`, {
            method,
            headers: { 'content-type': type },
            ...(body === undefined ? {} : { body }),
        });
        const text = await answer.text();
        if (!answer.ok || text.includes('"errors":true')) {
            throw new Error(text.slice(0, 500));
        }
    };
    if (isNew) {
        const database = openDatabase(join(folder, 'payments.db'), { readonly: true });
        await send(
            'PUT',
            `/${index}`,
            JSON.stringify(indexBody(martShape(database, 'metrics', modelOfMetrics()), 'bench')),
        );
        closeDatabase(database);
    }
    const left = [...bodies];
    const worker = async (): Promise<void> => {
        for (let body = left.shift(); body !== undefined; body = left.shift()) {
            await send('POST', `/${index}/_bulk?filter_path=errors`, body);
        }
    };
    await Promise.all([worker(), worker()]);
    if (isNew) {
        await send('POST', `/${index}/_refresh`);
    }
}

function report(figures: ReadonlyMap<string, readonly number[]>): void {
    const rate = (name: string, rows: number): number => rows / median(figures.get(name) ?? []);
    const line = (what: string, rows: number, own: string, other: string): readonly string[] => [
        what,
        other.split(', ').at(-1) ?? '',
        grouped(rate(own, rows)),
        grouped(rate(other, rows)),
        (rate(own, rows) / rate(other, rows)).toFixed(2),
    ];
    const rows = [
        line(
            `PostgreSQL, first ${grouped(ROWS)} rows`,
            ROWS,
            'PostgreSQL, first, elt push',
            'PostgreSQL, first, \\copy',
        ),
        line(
            `PostgreSQL, ${grouped(CHANGES)} changes`,
            CHANGES,
            'PostgreSQL, changes, elt push',
            'PostgreSQL, changes, \\copy and upsert',
        ),
        line(`index, first ${grouped(ROWS)} rows`, ROWS, 'index, first, elt push', 'index, first, bare bulk loop'),
        line(
            `index, ${grouped(CHANGES)} changes`,
            CHANGES,
            'index, changes, elt push',
            'index, changes, bare bulk loop',
        ),
    ];
    const versions = [cluster.version, 'OpenSearch 2.19.1'];
    const text = `${machine(versions)}\n\n${markdown(['target', 'beside', 'elt push rows/s', 'beside rows/s', 'times'], rows)}`;
    publish('bench:push', text, !options['no-write']);
}
