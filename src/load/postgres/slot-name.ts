import { randomBytes } from 'node:crypto';

/** Source: https://www.postgresql.org/docs/current/warm-standby.html#STREAMING-REPLICATION-SLOTS-MANIPULATION */
const NAME_CHARACTERS_MAX = 63;
const RANDOM_BYTES = 4;
/** The second publication's name ends so. */
const LONGEST_ENDING = '_inserts'.length;

/** `elt_<pipeline>_<8 hex>`: two databases of one pipeline have two slots. */
export function slotName(pipeline: string): string {
    const random = randomBytes(RANDOM_BYTES).toString('hex');
    const room = NAME_CHARACTERS_MAX - LONGEST_ENDING - 'elt__'.length - random.length;
    const plain = pipeline
        .toLowerCase()
        .replace(/[^a-z0-9_]/g, '_')
        .slice(0, room);
    return `elt_${plain}_${random}`;
}
