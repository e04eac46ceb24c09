import { EltError } from '../../core/errors.ts';
import type { Broken, Framing } from './framing.ts';

export function truncatedRecord(framing: Framing): EltError {
    const end = framing.window.end + framing.window.base;
    const { record, start, changes } = framing.open;
    const inside = framing.mode === 'list' || framing.mode === 'change' ? `, after its change ${changes}` : '';
    return new EltError({
        code: 'SOURCE_TRUNCATED',
        message: `cannot read "${framing.source}" further: it ends inside a record`,
        where: `${framing.source}: record ${record} (byte ${start})`,
        found: `the end of the source at byte ${end}${inside}; expected the rest of the record`,
        next: 'provide the complete source, then run the same command again',
    });
}

export function truncatedArray(framing: Framing): EltError {
    const end = framing.window.end + framing.window.base;
    const missing = ']'.repeat(framing.depth);
    return new EltError({
        code: 'SOURCE_TRUNCATED',
        message: `cannot read "${framing.source}" further: it ends inside an array`,
        where: `${framing.source}: after record ${framing.records} (byte ${end})`,
        found: `the end of the source; expected another record or "${missing}"`,
        next: 'provide the complete source, then run the same command again',
    });
}

export function notJson(framing: Framing, broken: Broken): EltError {
    return new EltError({
        code: 'SOURCE_NOT_JSON',
        message: `cannot read "${framing.source}": it contains no record`,
        where: `${framing.source} (byte ${broken.at})`,
        found: `${broken.detail}; expected JSON objects, one after the other or in an array`,
        next: 'name a file that wal2json wrote',
    });
}
