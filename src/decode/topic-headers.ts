import { isUtf8 } from 'node:buffer';
import type { TopicRecord } from '../core/topic-record.ts';

/** The headers of a message as a JSON array of `[name, value]`; a value that is not UTF-8 is `{"hex": "…"}`. */
export function headersJson({ source, headersStart, headers }: TopicRecord): string {
    let at = headersStart;
    const length = (): number => {
        let value = 0;
        for (let shift = 0; ; shift += 7) {
            const byte = source[at++] as number;
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
    };
    const bytes = (): Buffer | null => {
        const size = length();
        if (size < 0) {
            return null;
        }
        at += size;
        return source.subarray(at - size, at);
    };
    const list: [string, string | null | { hex: string }][] = [];
    for (let count = headers; count > 0; count--) {
        const name = bytes()?.toString('utf8') ?? '';
        const value = bytes();
        list.push([
            name,
            value === null ? null : isUtf8(value) ? value.toString('utf8') : { hex: value.toString('hex') },
        ]);
    }
    return JSON.stringify(list);
}
