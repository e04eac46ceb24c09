import { protocolErrorsCodesById } from '@platformatic/kafka';
import { EltError } from '../../core/errors.ts';
import type { BadBatch } from './record-batches.ts';
import { nameOf, type ServerAddress } from './server-address.ts';
import { type PartitionPlace, placeText } from './topic-places.ts';

const TOPIC_AUTHORIZATION_FAILED = 29;

/** What a broker answers in place of messages. What passes is tried again from what is stored, with all checks. */
export function fetchRefused(address: ServerAddress, code: number, place: PartitionPlace | null): EltError {
    const name = (protocolErrorsCodesById as Readonly<Record<number, string>>)[code] ?? String(code);
    const at = place === null ? '' : ` at ${placeText(place)}`;
    if (code === TOPIC_AUTHORIZATION_FAILED) {
        return new EltError({
            code: 'SOURCE_REFUSED',
            message: `the broker gives no messages of "${place?.topic}"`,
            where: nameOf(address),
            found: name,
            next: "check the cluster's access rules",
        });
    }
    return nothingComes(address, `${name}${at}`);
}

/** What passes by itself, or is another error when the source is opened again. */
export function nothingComes(address: ServerAddress, found: string): EltError {
    return new EltError({
        code: 'SOURCE_UNREACHABLE',
        message: 'the broker gives no messages',
        where: nameOf(address),
        found,
        next: 'the follower tries again by itself; if it stays so, see "elt source check"',
    });
}

/** Bytes that are no messages. */
export function badBatch(place: PartitionPlace, error: BadBatch): EltError {
    return new EltError({
        code: 'SOURCE_UNREADABLE',
        message: `"${place.topic}" cannot be read further`,
        where: placeText(place),
        found: error.message,
        state: 'what came before has landed',
        next: 'look at the topic with the tools of Kafka; the same command continues there',
    });
}
