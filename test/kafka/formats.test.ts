import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import avro from 'avsc';
import { describe, expect, it, onTestFinished } from 'vitest';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import type { Sent } from '../support/topic-producer.ts';
import { TopicWorld } from './topic-world.ts';

/** What topics hold besides rows as JSON objects, through a broker into current tables. */

const source = { schema: 'public', table: 'orders', txId: 1 };
const envelope = (op: string, before: object | null, after: object | null): string =>
    JSON.stringify({ before, after, source, op });
const keyed = (id: number, value: string | null): Sent => ({ key: JSON.stringify({ id }), value });

describe.skipIf(!hasKafka)('formats of messages', () => {
    const broker = brokerForTests();

    it('Debezium: the current table is the source table', async () => {
        const world = new TopicWorld(broker());
        await broker().createTopic('dbz.public.orders');
        await broker().send('dbz.public.orders', [
            keyed(1, envelope('r', null, { id: 1, note: 'a', total: 5 })),
            keyed(2, envelope('c', null, { id: 2, note: 'long', total: 6 })),
            keyed(2, envelope('u', null, { id: 2, note: '__debezium_unavailable_value', total: 7 })),
            keyed(1, envelope('d', { id: 1, note: null, total: null }, null)),
            keyed(1, null),
            keyed(3, '{"nothing":1}'),
        ]);
        const words = ['--format', 'debezium'];
        const ran = await world.load(['dbz.public.orders'], words, 4);
        expect(ran.stderr).toContain('RECORDS_REJECTED: 1 ');
        await world.ran(['scaffold', '--all']);
        await world.ran(['transform']);
        expect(world.rows('select id, note, total from current_orders')).toEqual([
            { id: '2', note: 'long', total: '7' },
        ]);
        expect(world.offsets()).toEqual(['dbz.public.orders/0@6']);
    });

    it('a topic of another format is one error, not a reject for each message', async () => {
        const world = new TopicWorld(broker());
        const ran = await world.load(['dbz.public.orders'], [], 3);
        expect(ran.stderr).toContain('TOPIC_FORMAT');
        expect(ran.stderr).toContain('--format debezium');
        expect([world.count('elt_rejects'), world.count('elt_loads')]).toEqual([0, 0]);
    });

    it('wal2json: transactions of format 1 whole, events of format 2 each by itself', async () => {
        const change = (id: number): object => ({
            kind: 'insert',
            schema: 'public',
            table: 't',
            columnnames: ['id', 'n'],
            columntypes: ['bigint', 'numeric(38,0)'],
            columnvalues: [id, 1],
        });
        const world = new TopicWorld(broker());
        await broker().createTopic('wal1', 2);
        const long = '12345678901234567890123456789012345678';
        await broker().send('wal1', [
            { value: JSON.stringify({ xid: 5, change: [change(1), change(2)] }), partition: 1 },
            { value: '{"xid":6,"change":[{"kind":"insert"', partition: 0 },
            { value: JSON.stringify({ xid: 7, change: [change(3)] }).replace('[3,1]', `[3,${long}]`), partition: 0 },
        ]);
        await world.load(['wal1'], ['--format', 'wal2json'], 4);
        expect(world.rows('select id, n, _xid from stg_t order by id')).toEqual([
            { id: 1, n: '1', _xid: '5' },
            { id: 2, n: '1', _xid: '5' },
            { id: 3, n: long, _xid: '7' },
        ]);
        const event = (action: string, more: object = {}): Sent => ({
            value: JSON.stringify({ action, xid: 9, timestamp: '2024-02-29 12:00:00+00', ...more }),
        });
        const insert = (id: number): Sent =>
            event('I', { schema: 'public', table: 'u', columns: [{ name: 'id', type: 'bigint', value: id }] });
        await broker().createTopic('wal2');
        await broker().send('wal2', [event('B'), insert(1), insert(2), event('C'), event('B'), insert(3)]);
        await world.load(['wal2'], ['--format', 'wal2json']);
        expect(world.rows('select id, _xid from stg_u order by id')).toEqual(
            [1, 2, 3].map((id) => ({ id, _xid: '9' })),
        );
    });

    it('Avro: the schemas come from a registry, each asked for once', async () => {
        const schema = {
            type: 'record',
            name: 'User',
            fields: [
                { name: 'id', type: 'long' },
                { name: 'name', type: 'string' },
            ],
        };
        const asked: string[] = [];
        const registry = await registryOf(new Map([[41, JSON.stringify(schema)]]), asked);
        onTestFinished(() => void registry.close());
        const world = new TopicWorld(broker(), {
            users: '-- format: avro\ncreate table users (id integer primary key, name text);\n',
        });
        const config = join(world.folder, 'kafka.properties');
        const { port } = registry.address() as AddressInfo;
        writeFileSync(
            config,
            `schema.registry.url=http://127.0.0.1:${port}\nschema.registry.username=elt\nschema.registry.password=secret\n`,
        );
        const type = avro.Type.forSchema(schema as never);
        const wire = (id: number, name: string): Buffer =>
            Buffer.concat([Buffer.from([0, 0, 0, 0, 41]), type.toBuffer({ id, name })]);
        await broker().createTopic('users');
        await broker().send('users', [
            { key: '1', value: wire(1, 'Ada') },
            { key: '2', value: wire(2, 'Grace') },
            { key: '1', value: null },
        ]);
        await world.load(['users'], ['--kafka-config', config]);
        await world.ran(['scaffold', '--all']);
        await world.ran(['transform']);
        expect(world.rows('select id, name from current_users')).toEqual([{ id: 2, name: 'Grace' }]);
        expect(asked).toEqual(['/schemas/ids/41 elt:secret']);
    });
});

/** Answers as Confluent's registry does. */
function registryOf(schemas: ReadonlyMap<number, string>, asked: string[]): Promise<Server> {
    const server = createServer((request, response) => {
        const credentials = Buffer.from(
            (request.headers.authorization ?? '').replace('Basic ', ''),
            'base64',
        ).toString();
        asked.push(`${request.url} ${credentials}`);
        const id = Number(/^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '')?.[1]);
        const schema = schemas.get(id);
        response.setHeader('content-type', 'application/vnd.schemaregistry.v1+json');
        response.statusCode = schema === undefined ? 404 : 200;
        response.end(
            JSON.stringify(
                schema === undefined ? { error_code: 40403, message: `Schema ${id} not found` } : { schema },
            ),
        );
    });
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
