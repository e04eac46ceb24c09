import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type SqliteType, storageOf } from '../../src/core/storage-types.ts';
import { lakeTypeOf } from '../../src/lake/lake-type.ts';
import {
    type LakeManifest,
    readManifest,
    readManifests,
    sourceFolder,
    writeManifest,
} from '../../src/lake/manifest.ts';
import { decimalDigits } from '../../src/parquet/parquet-type.ts';
import { workFolder } from '../support/elt.ts';

const MANIFEST: LakeManifest = {
    format: 1,
    pipeline: 'shop',
    source: 'berlin',
    writer: 'a',
    token: 'b',
    wholeSeq: 7,
    pushedAt: '2026-11-30T00:00:00.000Z',
    feeds: [],
    tables: [],
    superseded: [],
};

describe('the types of a lake', () => {
    const cases: [pgType: string | null, expected: string, sqliteType?: SqliteType][] = [
        ['smallint', 'integer'],
        ['bigint', 'integer'],
        ['boolean', 'boolean'],
        ['bool', 'boolean'],
        ['boolean', 'text', 'TEXT'],
        ['integer', 'text', 'TEXT'],
        ['integer', 'text', 'ANY'],
        [null, 'text'],
        ['double precision', 'double'],
        ['real', 'double'],
        ['numeric', 'text'],
        ['numeric(10,2)', 'decimal(10,2)'],
        ['numeric(10,2)', 'decimal(10,2)', 'TEXT'],
        ['numeric(10,2)', 'text', 'ANY'],
        ['numeric(12)', 'decimal(12,0)'],
        ['numeric(38,10)', 'decimal(38,10)'],
        ['numeric(39,10)', 'text'],
        ['numeric(5,-2)', 'double'],
        ['numeric(20,-2)', 'text'],
        ['numeric(2,4)', 'double'],
        ['date', 'date'],
        ['timestamp without time zone', 'timestamp'],
        ['timestamp(3) without time zone', 'timestamp'],
        ['timestamp', 'timestamp'],
        ['timestamp with time zone', 'timestamptz'],
        ['timestamp(0) with time zone', 'timestamptz'],
        ['timestamptz(6)', 'timestamptz'],
        ['time without time zone', 'text'],
        ['bytea', 'bytes'],
        ['uuid', 'text'],
        ['jsonb', 'text'],
        ['date[]', 'text'],
        ['_timestamp', 'text'],
    ];
    test.each([...cases])('%s is %s (%s)', (pgType, expected, sqliteType) => {
        expect(lakeTypeOf(pgType, sqliteType ?? storageOf(pgType).sqlite)).toBe(expected);
    });

    test('the digits of a decimal', () => {
        expect(decimalDigits('decimal(10,2)')).toEqual({ precision: 10, scale: 2 });
        expect(decimalDigits('double')).toBeUndefined();
    });
});

describe('a manifest', () => {
    test('is read as it was written, and replaced as a whole', () => {
        const lake = workFolder();
        writeManifest(lake, MANIFEST);
        writeManifest(lake, { ...MANIFEST, wholeSeq: 9 });
        expect(readManifest(lake, 'shop', 'berlin')).toEqual({ ...MANIFEST, wholeSeq: 9 });
        expect(readdirSync(sourceFolder(lake, 'shop', 'berlin'))).toEqual(['manifest.json']);
    });

    test('of each source of a pipeline, by name', () => {
        const lake = workFolder();
        writeManifest(lake, MANIFEST);
        writeManifest(lake, { ...MANIFEST, source: 'amsterdam' });
        writeManifest(lake, { ...MANIFEST, pipeline: 'other' });
        expect(readManifests(lake, 'shop').map(({ source }) => source)).toEqual(['amsterdam', 'berlin']);
        expect(readManifest(lake, 'shop', 'cairo')).toBeUndefined();
    });

    test('where there is none, the folder is not a lake', () => {
        expect(() => readManifests(workFolder(), 'shop')).toThrow(
            expect.objectContaining({ facts: expect.objectContaining({ code: 'LAKE_MISSING' }) }),
        );
    });

    test.each([
        ['not JSON', '{"format":1,'],
        ['of a newer elt', '{"format":2}'],
        ['of something else', 'null'],
    ])('%s is refused', (_, text) => {
        const lake = workFolder();
        writeManifest(lake, MANIFEST);
        writeFileSync(join(sourceFolder(lake, 'shop', 'berlin'), 'manifest.json'), text);
        expect(() => readManifests(lake, 'shop')).toThrow(
            expect.objectContaining({ facts: expect.objectContaining({ code: 'LAKE_DAMAGED' }) }),
        );
    });
});
