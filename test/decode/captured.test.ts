import { describe, expect, it } from 'vitest';

import { changesOf, decodeAll, reasonsOf, rowsOf } from './decode-all.ts';
import { insert, insert2, record } from './small-records.ts';

describe('wal2json format 1, as captured', () => {
    it('insert, update with its old key, delete, in a transaction with its place', () => {
        const source = `{"xid":735,"nextlsn":"0/1555248","timestamp":"2026-11-20 16:37:13.31477+00","change":[
            {"kind":"update","schema":"S 1","table":"t","columnnames":["id","b"],"columntypes":["integer","text"],"columnvalues":[2,"x"],"pk":{"pknames":["id"],"pktypes":["integer"]},"oldkeys":{"keynames":["id"],"keytypes":["integer"],"keyvalues":[1]}},
            {"kind":"delete","schema":"S 1","table":"t","pk":{"pknames":["id"],"pktypes":[]},"oldkeys":{"keynames":["id"],"keytypes":["integer"],"keyvalues":[2]}}]}`;
        const { decoded } = decodeAll(source);
        const place = { xid: '735', position: '0/1555248', committedAt: '2026-11-20 16:37:13.31477+00', record: 1 };
        expect(decoded[0]).toEqual({ kind: 'begin', ...place, offset: 0, streamed: false });
        expect(decoded[1]).toMatchObject({
            kind: 'change',
            values: [2, 'x'],
            old: [1],
            lsn: null,
            xid: '735',
            record: 1,
            change: 1,
            shape: {
                op: 'update',
                schema: 'S 1',
                table: 't',
                primaryKey: ['id'],
                columns: [
                    { name: 'id', type: 'integer' },
                    { name: 'b', type: 'text' },
                ],
                oldColumns: [{ name: 'id', type: 'integer' }],
            },
        });
        expect(decoded[2]).toMatchObject({ values: [], old: [2], change: 2, shape: { op: 'delete', columns: [] } });
        expect(decoded[3]).toEqual({ kind: 'commit', ...place, offset: source.length });
        expect(decoded[4]).toEqual({ kind: 'recordEnd', record: 1, offset: source.length, inTransaction: false });
    });

    it('members behind the list count at the commit', () => {
        const { decoded } = decodeAll('{"change":[],"nextlsn":"0/2","xid":7}');
        expect(decoded[0]).toMatchObject({ xid: null, position: null });
        expect(decoded[1]).toMatchObject({ kind: 'commit', xid: '7', position: '0/2' });
    });

    it('messages, transactional and not', () => {
        const { decoded } = decodeAll(
            '{"change":[{"kind":"message","transactional":false,"prefix":"pre","content":"a \\"b\\""}]}\n',
        );
        expect(decoded[1]).toMatchObject({ kind: 'message', prefix: 'pre', content: 'a "b"', transactional: false });
    });

    it.each(['"S1"."Mood"', '"S1".mood', '"S 1"."Ü.x"'])('the type %s of a quoted schema is repaired', (type) => {
        const change = insert('"a"').replace('"columntypes":["text"]', `"columntypes":[${type}]`);
        const { decoded } = decodeAll(record(change).repeat(2));
        for (const row of [decoded[1], decoded[5]]) {
            expect(row).toMatchObject({ kind: 'change', shape: { columns: [{ name: 'v', type }] }, values: ['a'] });
        }
        const { decoded: second } = decodeAll(insert2('"a"').replace('"type":"text"', `"type":${type}`));
        expect(second[0]).toMatchObject({ kind: 'change', shape: { columns: [{ name: 'v', type }] }, values: ['a'] });
    });

    it.each([
        ['a full stop for a comma between values', insert('"a","b"').replace('"a","b"', '"a"."b"')],
        ['a full stop for a comma between names', insert('"a"').replace('["v"]', '["v"."w"]')],
        ['a type with a quote in its name', insert('"a"').replace('["text"]', '["S1"."a""b"]')],
    ])('%s is not repaired', (_, change) => {
        const { decoded } = decodeAll(record(insert('"1"'), change));
        expect(reasonsOf(decoded)).toEqual(['not-json']);
        expect(rowsOf(decoded)).toEqual([{ v: '1' }]);
    });

    it('the same head gives the same shape', () => {
        const shapes = decodeAll(record(insert('"1"'), insert('"2"')).repeat(2)).decoded.flatMap((one) =>
            one.kind === 'change' ? [one.shape] : [],
        );
        expect(shapes).toHaveLength(4);
        expect(new Set(shapes.map((shape) => JSON.stringify(shape))).size).toBe(1);
    });
});

describe('wal2json format 2, as captured', () => {
    const begin =
        '{"action":"B","xid":735,"timestamp":"2026-11-20 16:37:13.31477+00","lsn":"0/1555218","nextlsn":"0/1555248"}\n';
    const commit = begin.replace('"B"', '"C"');
    const update =
        '{"action":"U","xid":735,"lsn":"0/1555040","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":2},{"name":"b","type":"text","value":null}],"identity":[{"name":"id","type":"integer","value":1}],"pk":[{"name":"id","type":"integer"}]}\n';

    it('a transaction', () => {
        const { decoded } = decodeAll(begin + update + commit);
        const place = { xid: '735', position: '0/1555248', committedAt: '2026-11-20 16:37:13.31477+00' };
        expect(decoded[0]).toEqual({ kind: 'begin', ...place, record: 1, offset: 0, streamed: true });
        expect(decoded[1]).toEqual({ kind: 'recordEnd', record: 1, offset: begin.length - 1, inTransaction: true });
        expect(decoded[2]).toMatchObject({
            values: [2, null],
            old: [1],
            lsn: '0/1555040',
            xid: '735',
            record: 2,
            change: 1,
            offset: begin.length,
            shape: { op: 'update', primaryKey: ['id'], oldColumns: [{ name: 'id', type: 'integer' }] },
        });
        expect(decoded[4]).toMatchObject({ kind: 'commit', ...place, record: 3 });
        expect(decoded[5]).toMatchObject({ kind: 'recordEnd', inTransaction: false });
    });

    it('truncate, one object a table, delete, and messages', () => {
        const source =
            '{"action":"T","schema":"public","table":"t"}\n{"action":"D","schema":"public","table":"t","identity":[{"name":"id","value":2}],"pk":[]}\n' +
            '{"action":"M","xid":null,"timestamp":null,"lsn":"0/1556E50","transactional":false,"prefix":"pre","content":"c"}\n';
        const { decoded } = decodeAll(source);
        expect(decoded[0]).toMatchObject({ shape: { op: 'truncate', columns: [], primaryKey: null }, xid: null });
        expect(decoded[2]).toMatchObject({ shape: { op: 'delete', primaryKey: [] }, old: [2] });
        expect(decoded[4]).toMatchObject({ kind: 'message', lsn: '0/1556E50', xid: null });
    });

    it('a transaction that never ends is undone by the next', () => {
        const { decoded } = decodeAll(`${begin + update}{"action":"U","schema${begin}${update}${commit}`);
        expect(reasonsOf(decoded)).toEqual(['not-json', 'transaction-not-ended']);
        const torn = decoded.findIndex((one) => one.kind === 'reject' && one.torn);
        expect(decoded[torn]).toMatchObject({
            record: 3,
            xid: '735',
            reject: { offset: 0, length: begin.length + update.length + 21 },
        });
        expect(decoded[torn + 1]).toMatchObject({ kind: 'begin', record: 4 });
    });

    it('format 1 and format 2 give the same change', () => {
        const one = record(insert('9007199254740993', 'bigint'));
        expect(changesOf(decodeAll(one).decoded)).toEqual(
            changesOf(decodeAll(insert2('9007199254740993', 'bigint')).decoded),
        );
    });
});

it('a torn record of any length is reported once, and batches are passed on', () => {
    const { decoded } = decodeAll(`[[{"change":[{"kind":${record(insert('"1"'))}]]`);
    expect(decoded.map((one) => one.kind)).toEqual([
        'reject',
        'recordEnd',
        'begin',
        'change',
        'commit',
        'recordEnd',
        'batch',
    ]);
});
