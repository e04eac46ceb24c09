import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, openDatabase } from '../../src/sqlite/database.ts';
import { tablesText } from '../support/bench-database.ts';
import { elt, workFolder } from '../support/elt.ts';
import { sharedData } from '../support/shared-data.ts';

/** The same records in every form: the staged rows are equal in all columns but the load. */

const wal = sharedData('wal.json');

describe.skipIf(wal === undefined)(
    `the real file${wal === undefined ? ' (skipped: ../shared/data is missing)' : ''}`,
    () => {
        const cwd = workFolder();
        let text = '';
        let records: string[] = [];
        let expected: unknown;

        beforeAll(async () => {
            text = readFileSync(wal as string, 'utf8');
            records = (JSON.parse(text) as unknown[]).map((record) => JSON.stringify(record));
            expected = await staged('plain.db', ['load', wal as string]);
            expect(Object.keys(expected as object)).toHaveLength(4);
        });

        async function staged(db: string, words: readonly string[], input?: Buffer | string): Promise<unknown> {
            const file = join(cwd, db);
            expect((await elt(['migrate', '--db', file], { cwd })).status).toBe(0);
            const ran = await elt([...words, '--db', file], { cwd, ...(input === undefined ? {} : { input }) });
            expect([ran.status, ran.stderr]).toEqual([0, '']);
            const database = openDatabase(file, { readonly: true });
            try {
                return tablesText(database, ['stg_'], ['_load']);
            } finally {
                closeDatabase(database);
            }
        }

        function written(name: string, bytes: Buffer | string): string {
            const file = join(cwd, name);
            writeFileSync(file, bytes);
            return file;
        }

        const pretty = (): string =>
            (JSON.parse(text) as unknown[]).map((one) => JSON.stringify(one, null, 2)).join('\n');

        test('cat wal.json | elt load -', async () => {
            expect(await staged('stdin.db', ['load', '-'], text)).toEqual(expected);
        });

        test('gzip, under any name', async () => {
            expect(await staged('gzip.db', ['load', written('wal.txt', gzipSync(text))])).toEqual(expected);
            expect(await staged('pipe.db', ['load', '-'], gzipSync(text))).toEqual(expected);
        });

        test('a record a line', async () => {
            expect(await staged('lines.db', ['load', written('wal.ndjson', `${records.join('\n')}\n`)])).toEqual(
                expected,
            );
        });

        test('pretty-printed, one after the other', async () => {
            expect(await staged('pretty.db', ['load', written('pretty', pretty())])).toEqual(expected);
        });

        test('cut in two valid pieces', async () => {
            const piece = (from: number, to?: number): string => `[${records.slice(from, to).join(',')}]`;
            const words = ['load', written('one.json', piece(0, 431)), written('two.json', piece(431))];
            expect(await staged('pieces.db', words)).toEqual(expected);
        });

        test('a folder of pieces, in order of name', async () => {
            const folder = workFolder();
            for (let at = 0; at < records.length; at += 100) {
                const name = `part-${String(at).padStart(4, '0')}`;
                writeFileSync(join(folder, name), records.slice(at, at + 100).join('\n'));
            }
            expect(await staged('folder.db', ['load', folder])).toEqual(expected);
        });
    },
);
