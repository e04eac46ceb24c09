import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Utf8Check } from '../../src/capture/bytes/utf8-check.ts';
import type { EltError } from '../../src/core/errors.ts';
import { propertyRuns } from '../support/properties.ts';

/** Where a source is not UTF-8, whatever pieces it comes in. */

function checked(bytes: Buffer, chunk = bytes.length): Utf8Check {
    const check = new Utf8Check('wal.json');
    for (let at = 0; at < bytes.length; at += chunk) {
        check.take(Buffer.from(bytes.subarray(at, at + chunk)));
    }
    check.end();
    return check;
}

describe('the first byte that is not UTF-8', () => {
    const cases: Record<string, [bytes: number[], bad: number]> = {
        'a byte that begins nothing': [[0x61, 0x80, 0x62], 1],
        'a character cut off': [[0x61, 0xe2, 0x82, 0x62], 1],
        'a character cut off by the end': [[0x61, 0x62, 0xf0, 0x9f, 0x98], 2],
        'an overlong form': [[0xc0, 0xaf], 0],
        'a surrogate': [[0x61, 0xed, 0xa0, 0x80], 1],
        'beyond Unicode': [[0xc3, 0xa9, 0xf4, 0x90, 0x80, 0x80], 2],
        'latin-1': [[...Buffer.from('{"a":"'), 0xe9, 0x22, 0x7d], 6],
    };
    for (const [name, [bytes, bad]] of Object.entries(cases)) {
        it.each([0, 1, 1000, 524_287])(`${name}, after %i bytes`, (before) => {
            const sound = Buffer.alloc(before, 'é😀x')
                .toString('utf8')
                .replace(/\ufffd/g, '')
                .padEnd(before, ' ');
            const padded = Buffer.concat([Buffer.from(sound).subarray(0, before), Buffer.from(bytes)]);
            const { firstBad } = checked(padded.subarray(0, before));
            expect(firstBad).toBeNull();
            for (const chunk of before > 1000 ? [padded.length, 65_536] : [padded.length, 1, 2, 3]) {
                const check = checked(padded, chunk);
                expect(check.firstBad).toBe(before + bad);
                expect(check.error().facts.where).toBe(`wal.json (byte ${before + bad})`);
                check.pass(padded.length);
                expect(check.firstBad).toBeNull();
            }
        });
    }

    it('is found in any pieces, and nothing is found in text', () => {
        const piece = fc.oneof(
            fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
            fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        );
        fc.assert(
            fc.property(fc.array(piece, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (pieces, chunk) => {
                const bytes = Buffer.concat([Buffer.from('    '), ...pieces]);
                const { firstBad } = checked(bytes, chunk);
                // What Node decodes to a replacement character, and is none itself.
                const text = bytes.toString('utf8');
                const isText = Buffer.from(text).equals(bytes);
                expect(firstBad === null).toBe(isText);
                if (firstBad !== null) {
                    const before = bytes.subarray(0, firstBad);
                    expect(Buffer.from(before.toString('utf8')).equals(before)).toBe(true);
                    const behind = bytes.subarray(firstBad).toString('utf8');
                    expect(behind.codePointAt(0)).toBe(0xfffd);
                }
            }),
            propertyRuns(1000),
        );
    });
});

it.each(['utf16le', 'utf16le-mark', 'utf16be-mark'])('%s is refused at once', (name) => {
    const text = Buffer.from('[{"change":[]}]', 'utf16le');
    const little = name === 'utf16le' ? text : Buffer.concat([Buffer.from([0xff, 0xfe]), text]);
    const bytes = name === 'utf16be-mark' ? little.swap16() : little;
    const error = ((): EltError => {
        try {
            return checked(bytes).error();
        } catch (thrown) {
            return thrown as EltError;
        }
    })();
    expect(error.code).toBe('SOURCE_NOT_UTF8');
    expect(error.facts.next).toContain('iconv');
});
