import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { clusterForTests, hasPostgres } from '../support/cluster-for-tests.ts';
import { capture, createSlot, REPLAY_SLOT, type Slot } from './capture.ts';
import { compareCurrent, compareStaging } from './compare-current.ts';
import { compareReplay } from './compare-replay.ts';
import { Coverage } from './coverage.ts';
import { Elt } from './elt.ts';
import { postgresTables } from './postgres-rows.ts';
import { Replay } from './replay.ts';
import { differsFromCast, fillTypeMatrix } from './type-matrix.ts';

/**
 * The domains of the matrix as the types under them. NaN is null in format 1, as it is outside a domain; format 2 sends
 * it, and its column keeps it as text. Format 2 shows them as text, with the `\x` of bytea; format 1 as it shows the type itself.
 */
const DOMAINS_IN_POSTGRES = (nan: string): string => `
    select id, "of yes_no"::integer as flag,
        case when "of price"::text = 'NaN' then ${nan} else to_jsonb("of price"::float8) end as price,
        "of whole"::text as whole, encode("of raw", 'hex') as raw
    from type_matrix
    order by id`;
const DOMAINS_IN_SQLITE = `
    select id, "of yes_no" as flag, iif("of price" = 'NaN', 'NaN', cast("of price" as real)) as price, cast("of whole" as text) as whole, ltrim("of raw", '\\x') as raw
    from current_type_matrix
    order by id`;

describe.skipIf(!hasPostgres)('every type at its limits', () => {
    const cluster = clusterForTests();

    test('the stream has the text of `column::text`, but for what is documented', async () => {
        const { session, replay, tables } = await matrix('matrix', []);
        expect(await compareReplay(session, tables, replay)).toEqual([]);
        // Of these the stream has the type's own output: char(n) with its blanks, inet without a mask of all bits,
        // booleans as `t` (compared as words).
        expect(await differsFromCast(session)).toEqual(['of boolean', 'of character(6)', 'of inet', 'of yes_no']);
    });

    const formats = [
        { format: '1', options: {} },
        { format: '2', options: {} },
        { format: '1', options: { 'include-typmod': '0' } },
        { format: '2', options: { 'include-typmod': '0', 'include-type-oids': '1' } },
    ];
    test.each(formats)(
        'arrives as PostgreSQL has it, format $format, options $options',
        async ({ format, options }) => {
            const name = `matrix_${format}_${Object.keys(options).length}`;
            const slot: Slot = { name: 'elt', options: { 'format-version': format, 'include-pk': '1', ...options } };
            const { session, replay, tables } = await matrix(name, [slot]);
            await withLanded(await capture(session, slot, name), (database) => {
                expect([
                    ...compareStaging(database, replay, true),
                    ...compareCurrent(database, tables, replay),
                ]).toEqual([]);
            });
        },
    );

    test.each(['1', '2'])(
        'domains arrive as the types under them where the stream names these, format %s',
        async (format) => {
            const name = `domains_${format}`;
            const options = { 'format-version': format, 'include-pk': '1', 'include-domain-data-type': '1' };
            const slot: Slot = { name: 'elt', options };
            const { session } = await matrix(name, [slot]);
            const wanted = await session.rows(DOMAINS_IN_POSTGRES(format === '1' ? 'null' : `'"NaN"'::jsonb`));
            await withLanded(await capture(session, slot, name), (database) => {
                expect(database.prepare('select * from elt_rejects').all()).toEqual([]);
                expect(database.prepare(DOMAINS_IN_SQLITE).all()).toEqual(wanted);
            });
        },
    );

    async function withLanded(lines: readonly string[], look: (database: Database.Database) => void): Promise<void> {
        const folder = mkdtempSync(join(tmpdir(), 'elt-matrix-'));
        try {
            const source = join(folder, 'matrix.ndjson');
            writeFileSync(source, lines.map((row) => `${row}\n`).join(''));
            const elt = new Elt({ database: join(folder, 'matrix.db'), pipeline: 'gen', project: folder });
            await elt.run(['migrate']);
            await elt.run(['load', source]);
            await elt.run(['scaffold', '--all']);
            await elt.run(['transform']);
            const database = new Database(elt.options.database, { readonly: true });
            look(database);
            database.close();
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    }

    async function matrix(name: string, slots: readonly Slot[]) {
        const session = await cluster().createDatabase(name);
        for (const slot of [REPLAY_SLOT, ...slots]) {
            await createSlot(session, slot, name);
        }
        await fillTypeMatrix(session);
        const replay = new Replay(new Coverage());
        for (const row of await capture(session, REPLAY_SLOT, name)) {
            replay.take(row);
        }
        return { session, replay, tables: await postgresTables(session) };
    }
});
