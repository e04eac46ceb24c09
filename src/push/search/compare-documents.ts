import { createHash } from 'node:crypto';
import { openSideDatabase } from '../../sqlite/side-database.ts';
import { type Comparison, EXAMPLES_MAX, KEY_RANGES, type PushJob } from '../push-target.ts';
import { documentId, documentText, isPlainKey, keyText } from './document.ts';
import { exactJson, type HeldDocument, scrollDocuments } from './scroll-documents.ts';
import type { SearchConnection } from './search-connection.ts';

const TABLE = `create table compared (
    id text primary key,
    key text not null,
    here integer,
    there integer
) strict, without rowid`;

/** As many bits as SQLite can add up for any number of rows. */
const HASH_BYTES = 5;
const ROWS_A_BREATH = 2_000;

/**
 * Compares the documents of an index with the rows of the mart: hashes of both, side by side in a temporary database,
 * since an index may hold more than fits into memory.
 */
export async function compareDocuments(connection: SearchConnection, index: string, job: PushJob): Promise<Comparison> {
    const scratch = openSideDatabase();
    try {
        scratch.exec(TABLE);
        const names = job.shape.columns.map(({ name }) => name);
        const held = scratch.prepare('insert or replace into compared (id, key, there) values (?, ?, ?)');
        await connection.json('POST', `/${index}/_refresh`, undefined, 'refresh');
        for await (const document of scrollDocuments(connection, index, true)) {
            held.run(document._id, JSON.stringify(document._id), hashOfDocument(document, names));
        }
        const row = scratch.prepare(
            `insert into compared (id, key, here) values (?, ?, ?)
            on conflict (id) do update set key = excluded.key, here = excluded.here`,
        );
        const quoted = names.map((name) => JSON.stringify(name));
        const kinds = job.shape.columns.map(({ type }) => type.kind);
        const isPlain = isPlainKey(job.shape);
        let count = 0;
        for (const { key, values } of job.rows(null)) {
            const document = exactJson(documentText(quoted, kinds, values ?? []));
            row.run(documentId(key, isPlain), keyText(key), hashOf(document, names));
            if (++count % ROWS_A_BREATH === 0) {
                await job.breathe(count);
            }
        }
        return {
            ...(scratch.prepare(SUMS).get() as Omit<Comparison, 'ranges' | 'examples'>),
            ranges: scratch.prepare(RANGES).all(KEY_RANGES) as Comparison['ranges'],
            examples: scratch.prepare(EXAMPLES).pluck().all(EXAMPLES_MAX) as string[],
        };
    } finally {
        scratch.close();
    }
}

const SUMS = `select
    count(here) as rows,
    count(there) as targetRows,
    count(*) filter (where there is null) as missing,
    count(*) filter (where here is null) as surplus,
    count(*) filter (where here <> there) as different
from compared`;

const RANGES = `select
    min(key) as "from",
    max(key) as "to",
    count(here) as rows,
    count(there) as targetRows,
    printf('%x', coalesce(sum(here), 0)) as checksum,
    printf('%x', coalesce(sum(there), 0)) as targetChecksum
from (select *, ntile(?) over (order by key) as place from compared)
group by place
order by place`;

const EXAMPLES = `select
    case when there is null then 'missing' when here is null then 'surplus' else 'different' end || ' ' || key
from compared
where here is not there
order by key
limit ?`;

function hashOfDocument({ _source: source }: HeldDocument, names: readonly string[]): number {
    return hashOf(source ?? {}, names);
}

/** Of the fields by their names, whatever their order; a field too many counts. */
function hashOf(document: Readonly<Record<string, unknown>>, names: readonly string[]): number {
    const others = Object.keys(document).filter((name) => !names.includes(name));
    const text = JSON.stringify([names.map((name) => document[name] ?? null), others]);
    return createHash('sha256').update(text).digest().readUIntBE(0, HASH_BYTES);
}
