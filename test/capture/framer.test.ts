import { describe, expect, it } from 'vitest';

import { frameAll, words } from './frame-all.ts';

const ONE = '{"change":[{"kind":"a"}]}';
const TWO = '{"change":[{"kind":"b"},{"kind":"c"}]}';
const ONE_FRAMES = ['begin:{', 'change:{"kind":"a"}', 'end:}'];
const TWO_FRAMES = ['begin:{', 'change:{"kind":"b"}', 'change:{"kind":"c"}', 'end:}'];
const BOTH = [...ONE_FRAMES, ...TWO_FRAMES];

describe('every shape of source', () => {
    const cases: Record<string, [source: string, frames: string[]]> = {
        'an empty file': ['', []],
        'white space only': [' \r\n\t\n', []],
        'an empty array': ['[]', []],
        'an array of records': [`[${ONE}, ${TWO}]`, BOTH],
        'a list of batches': [
            `[[${ONE}],[],[${TWO}]]`,
            [...ONE_FRAMES, 'batch 1', 'batch 2', ...TWO_FRAMES, 'batch 3'],
        ],
        lines: [`${ONE}\n${TWO}\n`, BOTH],
        'lines, the last without its end': [`${ONE}\r\n${TWO}`, BOTH],
        'objects one after the other': [ONE + TWO, BOTH],
        'an array, then lines, then an array': [`[${ONE}]\n${TWO}\n[${ONE}]`, [...BOTH, ...ONE_FRAMES]],
        'a byte order mark': [`\ufeff${ONE}`, ONE_FRAMES],
        'one object': [ONE, ONE_FRAMES],
        'no changes': ['{"change":[]}', ['begin:{', 'end:}']],
        'chunks of wal2json': ['{"change":[\n{"kind":"b"}\n,{"kind":"c"}\n]}\n', TWO_FRAMES],
        'pretty-printed': [
            '{\n\t"xid": 1,\n\t"change": [\n\t\t{\n\t\t\t"kind": "a"\n\t\t}\n\t]\n}',
            ['begin:{\n\t"xid": 1,\n\t', 'change:{\n\t\t\t"kind": "a"\n\t\t}', 'end:\n}'],
        ],
        'commas missing and doubled': [`[,${ONE}${ONE},,${TWO},]`, [...ONE_FRAMES, ...BOTH]],
        'format 2': ['{"action":"B"}\n{"action":"C"}', ['record:{"action":"B"}', 'record:{"action":"C"}']],
        'members around the list': [
            '{"xid":1,"change":[{"kind":"a"}],"nextlsn":"0/1"}',
            ['begin:{"xid":1,', 'change:{"kind":"a"}', 'end:,"nextlsn":"0/1"}'],
        ],
        'the key "change" in a string, nested, and as the end of another': [
            '{"a":"\\"change\\":[","b":{"change":[1]},"x\\"change":[2]}',
            ['record:{"a":"\\"change\\":[","b":{"change":[1]},"x\\"change":[2]}'],
        ],
        'a list of changes that is no list': [
            '{"change":{"kind":1}}{"change":null}',
            ['record:{"change":{"kind":1}}', 'record:{"change":null}'],
        ],
        'an empty element before a message': [
            '{"change":[,{"kind":"message"}]}',
            ['begin:{', 'change:{"kind":"message"}', 'end:}'],
        ],
        'a type with a quoted name in a schema': [
            '{"change":[{"type":"S1"."Mood"}]}',
            ['begin:{', 'change:{"type":"S1"."Mood"}', 'end:}'],
        ],
        'objects as values that look like records': [
            '{"change":[{"kind":"a","v":{"change":[{"kind":1}],"x":{"xid":2}}}]}',
            ['begin:{', 'change:{"kind":"a","v":{"change":[{"kind":1}],"x":{"xid":2}}}', 'end:}'],
        ],
    };
    for (const [name, [source, frames]] of Object.entries(cases)) {
        it.each([1, 2, 7, 1000])(`${name}, in chunks of %i`, (chunk) => {
            const framed = frameAll(source, chunk);
            expect(framed.error).toBeNull();
            expect(words(framed.frames)).toEqual(frames);
        });
    }
});

describe('every kind of trouble', () => {
    const cases: Record<string, [source: string, frames: string[]]> = {
        'a torn line with the next object glued to it': [
            `${ONE}\n{"change":[{"kind":"x","v":"ab${TWO}\n`,
            [...ONE_FRAMES, 'bad not-json:{"change":[{"kind":"x","v":"ab', ...TWO_FRAMES],
        ],
        'torn behind a comma between changes, in an array': [
            `[{"xid":1,"change":[{"kind":"x"},${TWO},${ONE}]`,
            ['bad record-inside-record:{"xid":1,"change":[{"kind":"x"}', ...TWO_FRAMES, ...ONE_FRAMES],
        ],
        'torn inside the columns of format 2, in an array': [
            '[{"action":"I","columns":[{"name":"a"}, {"action":"B"}, {"action":"C"}]',
            [
                'bad record-inside-record:{"action":"I","columns":[{"name":"a"}',
                'record:{"action":"B"}',
                'record:{"action":"C"}',
            ],
        ],
        'torn behind a colon, at the end': [
            `{"change":[{"kind":${ONE}\n`,
            ['bad record-inside-record:{"change":[{"kind":', ...ONE_FRAMES],
        ],
        'a line feed in a string': [`${ONE}\n{"a":"b\n${ONE}`, [...ONE_FRAMES, 'bad not-json:{"a":"b', ...ONE_FRAMES]],
        'torn lines that are not from wal2json': [
            '{"a":1}\n{"b":{"c":"d\n{"e":2}\nrubbish\n{"f":3}\n',
            [
                'record:{"a":1}',
                'bad not-json:{"b":{"c":"d',
                'record:{"e":2}',
                'bad not-a-record:rubbish',
                'record:{"f":3}',
            ],
        ],
        'a change whose default holds a quote': [
            '{"change":[{"kind":"a"},{"kind":"b","d":"\'x"y\'"},{"kind":"c"}]}\n',
            [
                'begin:{',
                'change:{"kind":"a"}',
                'bad not-json:{"kind":"b","d":"\'x"y\'"}',
                'change:{"kind":"c"}',
                'end:}',
            ],
        ],
        'the same in the last change: the record is whole': [
            `{"change":[{"kind":"a"},{"kind":"b","d":"'x"y'"}]}\n${ONE}`,
            ['begin:{', 'change:{"kind":"a"}', 'bad not-json:{"kind":"b","d":"\'x"y\'"}', 'end:}', ...ONE_FRAMES],
        ],
        'rubbish between changes': [
            '{"change":[{"kind":"a"}x{"kind":"b"}]}',
            ['begin:{', 'change:{"kind":"a"}', 'bad not-json:x', 'change:{"kind":"b"}', 'end:}'],
        ],
        'half a byte order mark': [`\ufffd${ONE}`, ['bad not-a-record:\ufffd', ...ONE_FRAMES]],
        'rubbish between records': [
            `[${ONE}, x, 1, null, ${ONE}]`,
            [...ONE_FRAMES, 'bad not-a-record:x, 1, null', ...ONE_FRAMES],
        ],
        'an array that ends in what is not a record': [`[${ONE},null]\n`, [...ONE_FRAMES, 'bad not-a-record:null']],
        'batches that end so': [
            `[[${ONE},"a]\\"]" , 2 ],[3]]`,
            [...ONE_FRAMES, 'bad not-a-record:"a]\\"]" , 2', 'batch 1', 'bad not-a-record:3', 'batch 2'],
        ],
        'an array too deep at the end': [
            `[[${ONE},[null,[]] ]]`,
            [...ONE_FRAMES, 'bad array-too-deep:[null,[]]', 'batch 1'],
        ],
        'a bracket that closes nothing': [`${ONE}]\n${ONE}`, [...ONE_FRAMES, 'bad array-not-open:]', ...ONE_FRAMES]],
        'an array too deep': [
            `[[[${ONE}]],[${ONE}]]`,
            ['bad array-too-deep:[', ...ONE_FRAMES, 'batch 1', ...ONE_FRAMES, 'bad array-not-open:]'],
        ],
        'a broken record before the end of a batch': [
            `[[{"a" 1}],[${ONE}]]`,
            ['bad not-json:{"a" 1}', 'batch 1', ...ONE_FRAMES, 'batch 2'],
        ],
        'rubbish behind the list of changes': [
            `{"change":[{"kind":"a"}]x}\n${ONE}`,
            ['bad not-json:{"change":[{"kind":"a"}]x}', ...ONE_FRAMES],
        ],
    };
    for (const [name, [source, frames]] of Object.entries(cases)) {
        it.each([1, 2, 7, 1000])(`${name}, in chunks of %i`, (chunk) => {
            const framed = frameAll(source, chunk);
            expect(words(framed.frames)).toEqual(frames);
            expect(framed.error).toBeNull();
        });
    }
});

describe('a source that ends too early', () => {
    const cases: Record<string, [source: string, where: string, frames: string[]]> = {
        'in a record': [`${ONE}\n{"change":[{"kind":"x`, 'record 2 (byte 26)', ONE_FRAMES],
        'between changes': [`${ONE}{"change":[{"kind":"x"},`, 'record 2 (byte 25)', ONE_FRAMES],
        'in an array': [`[${ONE},`, 'after record 1 (byte 27)', ONE_FRAMES],
        'in a batch': [`[[${ONE}]`, 'after record 1 (byte 28)', [...ONE_FRAMES, 'batch 1']],
        'behind the brace': ['{', 'record 1 (byte 0)', []],
    };
    for (const [name, [source, where, frames]] of Object.entries(cases)) {
        it.each([1, 5, 1000])(`${name}, in chunks of %i`, (chunk) => {
            const framed = frameAll(source, chunk, { source: 'wal.json' });
            expect(framed.error?.code).toBe('SOURCE_TRUNCATED');
            expect(framed.error?.facts.where).toBe(`wal.json: ${where}`);
            expect(words(framed.frames)).toEqual(frames);
        });
    }
});

it('a source cut at any byte gives the records before the cut, and says where it is cut', () => {
    const source = `[[${ONE}, ${TWO}],\n[${ONE}]]`;
    const whole = frameAll(source).frames;
    for (let length = 0; length < source.length; length++) {
        const { frames, error } = frameAll(source.slice(0, length), 3);
        expect(error?.code ?? 'whole').toBe(length === 0 ? 'whole' : 'SOURCE_TRUNCATED');
        const ended = whole.filter((frame) => frame.kind === 'batch' && frame.offset <= length);
        const records = whole.filter((frame) => frame.kind === 'end' && frame.offset + frame.length <= length);
        expect(frames.filter(({ kind }) => kind === 'batch')).toHaveLength(ended.length);
        expect(frames.filter(({ kind }) => kind === 'end')).toHaveLength(records.length);
        expect(frames.some(({ kind }) => kind === 'bad')).toBe(false);
    }
});

describe('a source that holds no record', () => {
    it.each(['a,b\n1,2\n', '[1,2,3]', '"text"', '-', '[[[[[['])('%s', (source) => {
        expect(frameAll(source).error?.code).toBe('SOURCE_NOT_JSON');
    });

    it('is refused before all of it is read', () => {
        const framed = frameAll(Buffer.alloc(4 << 20, 'x,'), 1 << 16);
        expect(framed.error?.code).toBe('SOURCE_NOT_JSON');
    });
});

describe('a source resumed at the end of any record', () => {
    const cases: Record<string, string> = {
        'lines, one broken': '{"a":1}\n{"b":"x\n y"}\n{"c":1}\n',
        'not lines, one broken': '{"a":\n1}\n{"b":"x\n y"}\n{"c":1}\n',
        'an array': `[${ONE},${TWO},${ONE}]`,
        'a list of batches': `[[${ONE}],[${TWO},${ONE}],[x],[${ONE}]]`,
    };
    it.each(Object.entries(cases))('%s', (_, source) => {
        const whole = frameAll(source);
        whole.frames.forEach(({ kind, offset, length, state }, index) => {
            if (kind === 'begin' || kind === 'change') {
                return;
            }
            const place = offset + length;
            const rest = frameAll(Buffer.from(source).subarray(place), 1, { offset: place, state });
            expect(rest.frames).toEqual(whole.frames.slice(index + 1));
            expect(rest.error).toBeNull();
        });
    });
});
