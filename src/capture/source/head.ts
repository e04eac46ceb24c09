import type { EltError } from '../../core/errors.ts';
import { Utf8Check } from '../bytes/utf8-check.ts';
import { LULL, PatientIterator } from './patient-iterator.ts';

/** The first bytes of a source: enough to tell two sources apart, few enough to be hashed for each. */
export interface Head {
    /** The head, and whatever was read beyond it. */
    readonly bytes: Buffer;
    /** How many of these bytes are the head: those before the first one that is not UTF-8. */
    readonly length: number;
    /** The source has no more bytes. */
    readonly isAll: boolean;
    /** Why nothing can be read after `bytes`, which are landed first. */
    readonly failure?: unknown;
    /** What ended the head, if it is not UTF-8 there. */
    readonly notUtf8?: EltError;
}

const HEAD_BYTES_MAX = 65_536;

/** How long nothing comes from a pipe until it counts as quiet. */
export const LULL_MS = 300;

/**
 * `isEnough`: whether a pipe that is quiet need not be waited for.
 * @throws EltError SOURCE_NOT_UTF8, or what reading throws, if no byte comes before the fault.
 */
export async function readHead(
    iterator: AsyncIterator<Buffer> | PatientIterator,
    name: string,
    isEnough: (bytes: Buffer) => boolean = () => false,
): Promise<Head> {
    const parts: Buffer[] = [];
    const utf8 = new Utf8Check(name);
    let length = 0;
    let isAll = false;
    let failure: unknown;
    while (length <= HEAD_BYTES_MAX && !isAll && failure === undefined) {
        const next = await nextOrFailure(iterator);
        if (next === LULL) {
            if (isEnough(Buffer.concat(parts))) {
                break;
            }
            continue;
        }
        if ('failure' in next) {
            failure = next.failure;
            continue;
        }
        isAll = next.done === true;
        if (next.done !== true) {
            utf8.take(next.value);
            // A chunk is valid only until the next one is requested.
            parts.push(Buffer.from(next.value));
            length += next.value.length;
        }
    }
    if (length === 0 && failure !== undefined) {
        throw failure;
    }
    const { firstBad } = utf8;
    if (firstBad === 0) {
        throw utf8.error();
    }
    return {
        bytes: Buffer.concat(parts),
        length: Math.min(length, HEAD_BYTES_MAX, firstBad ?? length),
        isAll,
        ...(failure === undefined ? {} : { failure }),
        ...(firstBad === null ? {} : { notUtf8: utf8.error() }),
    };
}

async function nextOrFailure(
    iterator: AsyncIterator<Buffer> | PatientIterator,
): Promise<IteratorResult<Buffer, unknown> | { readonly failure: unknown } | typeof LULL> {
    try {
        return iterator instanceof PatientIterator ? await iterator.nextOrLull(LULL_MS) : await iterator.next();
    } catch (failure) {
        return { failure };
    }
}
