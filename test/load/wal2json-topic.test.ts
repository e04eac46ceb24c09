import { expect, it } from 'vitest';
import type { StreamChange } from '../../src/core/stream-event.ts';
import { Wal2jsonTopic } from '../../src/load/kafka/wal2json-topic.ts';

/** Updates that change their key, all written alike: from the second on they are read by the skeleton of the first. */
const column = (name: string, value: number): object => ({ name, type: 'bigint', value });
const FORMATS: Readonly<Record<string, (id: number) => object>> = {
    'format 1': (id) => ({
        change: [
            {
                kind: 'update',
                schema: 'public',
                table: 't',
                columnnames: ['id', 'n'],
                columntypes: ['bigint', 'bigint'],
                columnvalues: [id + 100, id],
                oldkeys: { keynames: ['id'], keytypes: ['bigint'], keyvalues: [id] },
            },
        ],
    }),
    'format 2': (id) => ({
        action: 'U',
        schema: 'public',
        table: 't',
        columns: [column('id', id + 100), column('n', id)],
        identity: [column('id', id)],
    }),
};

it.each(Object.entries(FORMATS))(
    'messages of wal2json that are written alike keep values and old keys: %s',
    (_, textOf) => {
        const topic = new Wal2jsonTopic({ drift: 'evolve', text: new Map() });
        const landed: unknown[] = [];
        for (let id = 1; id <= 5; id++) {
            const source = Buffer.from(JSON.stringify(textOf(id)));
            const where = {
                keyStart: -1,
                keyEnd: 0,
                valueStart: 0,
                valueEnd: source.length,
                headersStart: 0,
                headers: 0,
                end: source.length,
                ahead: null,
                aheadAt: 0,
            };
            topic.decode({ offset: 40 + id, timestamp: 0, source, ...where }, (event) => {
                if (event.kind === 'change') {
                    landed.push(placeAndValues(event));
                }
            });
        }
        expect(landed).toEqual([1, 2, 3, 4, 5].map((id) => ({ record: 40 + id, values: [id + 100, id], old: [id] })));
    },
);

function placeAndValues({ record, values, old }: StreamChange): unknown {
    return { record, values: [...values], old: [...old] };
}
