import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { EltError } from '../../src/core/errors.ts';
import { certificatesFor } from '../support/certificates.ts';
import { listening } from '../support/listening.ts';
import { tryPushTo } from '../support/pushed-rows.ts';
import { RowPipeline } from '../support/row-pipeline.ts';

/** An index that is spoken to by https, and one that does not answer. */

describe('an address of https', () => {
    const { ca, certificate, key } = certificatesFor();
    let server: HttpsServer;
    let address = '';
    const received: string[] = [];

    beforeAll(async () => {
        // Takes whatever comes, as an index that is there already and empty would.
        server = createHttpsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (request, response) => {
            received.push(`${request.method} ${request.url}`);
            request.resume();
            const isAsked = request.method === 'GET';
            request.on('end', () =>
                response.writeHead(isAsked ? 404 : 200).end('{"items":[{"index":{"status":201}}]}'),
            );
        });
        address = `https://127.0.0.1:${await listening(server)}/sales`;
    });

    afterAll(() => {
        server.closeAllConnections();
        server.close();
    });

    async function pushed(to: string, environment: Readonly<Record<string, string>>): Promise<unknown> {
        const before = Object.fromEntries(Object.keys(environment).map((name) => [name, process.env[name]]));
        Object.assign(process.env, environment);
        const pipeline = await RowPipeline.create('card_spend');
        pipeline.database.exec('create table sales (id integer primary key) strict; insert into sales values (1)');
        received.length = 0;
        try {
            return (await tryPushTo(pipeline.database, 'sales', [to]))[0];
        } finally {
            pipeline.close();
            for (const [name, value] of Object.entries(before)) {
                if (value === undefined) {
                    delete process.env[name];
                } else {
                    process.env[name] = value;
                }
            }
        }
    }

    const refusal = (cause: RegExp): object => ({
        error: {
            code: 'TARGET_REFUSED',
            facts: { next: expect.stringContaining('ELT_SEARCH_CA') },
            cause: expect.objectContaining({ code: expect.stringMatching(cause) }),
        },
    });

    test('is trusted by the file of its authority', async () => {
        expect(await pushed(address, { ELT_SEARCH_CA: ca })).toMatchObject({ pushed: { written: 1 } });
    });

    test('is refused without it, whatever Node.js is told of certificates, and receives nothing', async () => {
        for (const environment of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: '0' }]) {
            expect(await pushed(address, environment)).toMatchObject(refusal(/UNABLE_TO_VERIFY|SELF_SIGNED/));
            expect(received).toEqual([]);
        }
    });

    test('is refused with another authority, and under a name that is not in the certificate', async () => {
        const other = certificatesFor().ca;
        expect(await pushed(address, { ELT_SEARCH_CA: other })).toMatchObject(
            refusal(/UNABLE_TO_VERIFY|CERT_SIGNATURE/),
        );
        const elsewhere = certificatesFor('DNS:search.example.com');
        server.setSecureContext({ cert: readFileSync(elsewhere.certificate), key: readFileSync(elsewhere.key) });
        expect(await pushed(address, { ELT_SEARCH_CA: elsewhere.ca })).toMatchObject(refusal(/ALTNAME_INVALID/));
        expect(received).toEqual([]);
    });

    test('is an error where the file cannot be read', async () => {
        expect(await pushed(address, { ELT_SEARCH_CA: '/nowhere/ca.pem' })).toMatchObject({
            error: { code: 'COMMAND_WRONG', message: expect.stringContaining('ELT_SEARCH_CA') },
        });
    });
});

test('a server that is silent is given up after the time limit', async () => {
    const silent = createServer(() => undefined);
    const port = await listening(silent);
    process.env.ELT_PUSH_TIMEOUT = '1';
    onTestFinished(() => {
        delete process.env.ELT_PUSH_TIMEOUT;
        silent.closeAllConnections();
        silent.close();
    });
    const pipeline = await RowPipeline.create('card_spend');
    pipeline.database.exec('create table sales (id integer primary key) strict');
    const [result] = await tryPushTo(pipeline.database, 'sales', [`http://127.0.0.1:${port}/sales`]);
    expect(result).toMatchObject({ error: { code: 'TARGET_UNREACHABLE' } });
    expect(String((result as { error: EltError }).error.cause)).toContain('no answer within 1 seconds');
    pipeline.close();
}, 30_000);
