import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CopyDataFramer, messageEnd, takeCopyData } from '../../src/postgres/copy-data.ts';
import { propertyRuns } from '../support/properties.ts';

/** A message of the protocol: its letter, its length, its bytes. */
function message(letter: string, body: Buffer): Buffer {
    const bytes = Buffer.alloc(5 + body.length);
    bytes.write(letter, 'latin1');
    bytes.writeUInt32BE(4 + body.length, 1);
    bytes.set(body, 5);
    return bytes;
}

/** The messages of a run, each as letter and body. */
function said(bytes: Buffer, start = 0, end = bytes.length): string[] {
    const all: string[] = [];
    for (let at = start; at < end; ) {
        const next = messageEnd(bytes, at);
        all.push(`${String.fromCharCode(bytes[at] as number)} ${bytes.toString('hex', at + 5, next)}`);
        at = next;
    }
    return all;
}

describe('messages of a server', () => {
    it('come in order and whole, data apart from others, in whatever pieces they arrive', () => {
        const body = fc.oneof(
            { weight: 8, arbitrary: fc.uint8Array({ maxLength: 60 }) },
            {
                weight: 1,
                arbitrary: fc.integer({ min: 60_000, max: 140_000 }).map((length) => Buffer.alloc(length, 7)),
            },
        );
        const one = fc.tuple(fc.constantFrom('d', 'd', 'd', 'd', 'c', 'N', 'E', 'S'), body);
        const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })), {
            minLength: 1,
            maxLength: 20,
        });
        fc.assert(
            fc.property(fc.array(one, { maxLength: 30 }), cuts, (messages, lengths) => {
                const sent = messages.map(([letter, bytes]) => message(letter, Buffer.from(bytes)));
                const stream = Buffer.concat(sent);
                const got: string[] = [];
                const framer = new CopyDataFramer(
                    (bytes, start, end) => got.push(...said(bytes, start, end)),
                    (other) => got.push(...said(other)),
                );
                for (let at = 0, piece = 0; at < stream.length; piece++) {
                    const length = lengths[piece % lengths.length] as number;
                    // A copy: what has been handed over may be written over.
                    const chunk = Buffer.from(stream.subarray(at, at + length));
                    framer.push(chunk);
                    chunk.fill(0xff);
                    at += length;
                }
                expect(got).toEqual(sent.flatMap((bytes) => said(bytes)));
            }),
            propertyRuns(200),
        );
    });

    it('are handed on together as long as they are data: a run a piece, not a call a message', () => {
        const runs: number[] = [];
        const framer = new CopyDataFramer(
            (_, start, end) => runs.push(end - start),
            () => runs.push(-1),
        );
        const data = message('d', Buffer.from('x'));
        framer.push(Buffer.concat([data, data, data, message('N', Buffer.from('notice')), data]));
        expect(runs).toEqual([18, -1, 6]);
    });

    it('of other kinds reach the driver, which gets nothing of the data', () => {
        const socket = new PassThrough();
        const heard: string[] = [];
        socket.on('data', (bytes: Buffer) => heard.push(...said(bytes)));
        let data = 0;
        takeCopyData(socket as unknown as Socket, (_, start, end) => {
            data += end - start;
        });
        socket.write(Buffer.concat([message('d', Buffer.from('row')), message('c', Buffer.alloc(0))]));
        socket.write(message('E', Buffer.from('error')));
        expect(heard).toEqual(['c ', `E ${Buffer.from('error').toString('hex')}`]);
        expect(data).toBe(8);
    });
});
