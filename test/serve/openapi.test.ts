import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { propertyRuns } from '../support/properties.ts';
import { shippedDatabases, sourcesOf, startServer, type TestServer } from '../support/server.ts';

/** The description is valid, and the server does what it describes. */

interface Parameter {
    readonly name: string;
    readonly in: 'path' | 'query';
    readonly required?: boolean;
    readonly example?: unknown;
    readonly schema: ValueSchema & { readonly anyOf?: readonly ValueSchema[] };
}
interface ValueSchema {
    readonly type: string;
    readonly format?: string;
    readonly pattern?: string;
    readonly maximum?: number;
}
interface Schema {
    readonly type?: string | readonly string[];
    readonly required?: readonly string[];
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly items?: Schema;
}
interface Operation {
    readonly operationId: string;
    readonly parameters?: readonly Parameter[];
    readonly responses: Readonly<
        Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
    >;
}
interface Document {
    readonly openapi: string;
    readonly paths: Readonly<Record<string, { readonly get: Operation }>>;
}

const isMissing = ['card_spend', 'game', 'cash_flow'].some((name) => sourcesOf(name as 'game') === null);

describe.skipIf(isMissing)(`/openapi.json${isMissing ? ' (skipped: ../shared/data is missing)' : ''}`, () => {
    let server: TestServer;
    let document: Document;
    beforeAll(async () => {
        server = await startServer(await shippedDatabases('card_spend', 'game', 'cash_flow'), ['--quiet']);
        document = (await server.get('/openapi.json')).json() as Document;
    });
    afterAll(() => server.stop());

    it('is OpenAPI 3.1', async () => {
        const result = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>);
        expect(result.errors ?? []).toEqual([]);
        expect(result.valid).toBe(true);
        expect(document.openapi).toBe('3.1.1');
    });

    it('describes every route, with unique names', () => {
        expect(Object.keys(document.paths).sort()).toEqual([
            '/api/v1/cash_flow/balances',
            '/api/v1/cash_flow/daily',
            '/api/v1/cash_flow/pending',
            '/api/v1/cash_flow/processing_time',
            '/api/v1/data/netAmount/{merchantTypeCode}',
            '/api/v1/data/transactions/{userId}',
            '/api/v1/game/stats',
            '/api/v1/users/{userId}/stats',
            '/health',
            '/metrics',
        ]);
        const ids = Object.values(document.paths).map(({ get }) => get.operationId);
        expect(new Set(ids).size).toBe(ids.length);
    });

    it('names the columns of the answers', () => {
        const rows =
            document.paths['/api/v1/data/transactions/{userId}']?.get.responses['200']?.content?.['application/json']
                ?.schema;
        expect(rows?.items?.required).toEqual([
            'user_id',
            'transaction_type',
            'merchant_type_code',
            'amount_cents',
            'amount_in_dollars',
            'datetime',
        ]);
    });

    it('has examples that are answered', async () => {
        for (const [path, { get }] of Object.entries(document.paths)) {
            const parameters = get.parameters ?? [];
            if (parameters.some((one) => one.required === true && one.example === undefined)) {
                throw new Error(`${path} has no example`);
            }
            const values = Object.fromEntries(
                parameters.flatMap((one) => (one.example === undefined ? [] : [[one.name, String(one.example)]])),
            );
            const answer = await server.get(addressOf(path, parameters, values));
            expect(answer.status, path).toBe(200);
        }
    });

    it('describes every answer, whatever is requested', async () => {
        const operations = Object.entries(document.paths).map(([path, { get }]) => ({ path, operation: get }));
        await fc.assert(
            fc.asyncProperty(
                fc.constantFrom(...operations).chain(({ path, operation }) =>
                    fc.record({
                        path: fc.constant(path),
                        operation: fc.constant(operation),
                        values: valuesOf(operation.parameters ?? []),
                    }),
                ),
                fc.constantFrom('application/json', 'text/csv', 'application/x-ndjson'),
                async ({ path, operation, values }, accept) => {
                    const answer = await server.get(addressOf(path, operation.parameters ?? [], values), { accept });
                    const described = operation.responses[String(answer.status)];
                    expect(described, `${answer.status} ${answer.text}`).toBeDefined();
                    const type = (answer.headers.get('content-type') ?? '').split(';')[0] as string;
                    expect(Object.keys(described?.content ?? {})).toContain(type);
                    if (type === 'application/json') {
                        expect(problems(answer.json(), described?.content?.[type]?.schema ?? {})).toEqual([]);
                    }
                    const isWrong = Object.values(values).some((value) => value.startsWith('wrong'));
                    expect(answer.status >= 500).toBe(false);
                    if (answer.status === 200 && path.startsWith('/api')) {
                        expect(isWrong && !path.includes('users') && !path.includes('game')).toBe(false);
                    }
                },
            ),
            propertyRuns(250),
        );
    });

    it('the page to try it contains every question, and leads to it', async () => {
        const { text, headers } = await server.get('/docs');
        expect(headers.get('content-security-policy')).toContain("default-src 'self'");
        expect(text).toMatch(/href="\/assets\/page\.[\w-]+\.css"/);
        expect(text).not.toMatch(/<script|style=|\son\w+=|https?:\/\/(?!127\.0\.0\.1)/);
        for (const path of Object.keys(document.paths).filter((one) => one.startsWith('/api'))) {
            expect(text).toContain(`GET ${path}`);
        }
        const tried = await fetch(
            `${server.address}/docs/try/card_spend/transactions?userId=31373&limit=2&_format=csv`,
        );
        expect(tried.url).toBe(`${server.address}/api/v1/data/transactions/31373.csv?limit=2`);
        expect((await tried.text()).split('\r\n')).toHaveLength(4);
    });
});

/** Values for some of the parameters: of their type, at its edges, and wrong ones. */
function valuesOf(parameters: readonly Parameter[]): fc.Arbitrary<Readonly<Record<string, string>>> {
    const entries = parameters.map((parameter) => {
        const good = goodValue(parameter);
        const value = fc.oneof(
            { arbitrary: good, weight: 4 },
            {
                arbitrary: fc
                    .string({ unit: 'binary', minLength: 1 })
                    .filter((text) => text.isWellFormed())
                    .map((text) => `wrong${text}`),
                weight: 1,
            },
        );
        return [parameter.name, parameter.required === true ? value : fc.option(value, { nil: '' })] as const;
    });
    return fc.record(Object.fromEntries(entries));
}

function goodValue({ schema: declared, example, name }: Parameter): fc.Arbitrary<string> {
    const schema = declared.anyOf?.[0] ?? declared;
    const given = example === undefined ? [] : [fc.constant(String(example))];
    if (name === 'after') {
        return fc.constant('');
    }
    switch (schema.format ?? schema.pattern ?? schema.type) {
        case 'int64':
            return fc.oneof(...given, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String));
        case 'integer':
            return fc.integer({ min: 1, max: schema.maximum ?? 1_000 }).map(String);
        case 'date':
            return fc.oneof(
                ...given,
                fc
                    .date({ min: new Date('2010-05-01'), max: new Date('2010-06-01'), noInvalidDate: true })
                    .map((date) => date.toISOString().slice(0, 10)),
            );
        case '^-?[0-9]{1,40}$':
            return fc.oneof(...given, fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }).map(String));
        default:
            return fc.oneof(...given, fc.string({ minLength: 1 }));
    }
}

function addressOf(path: string, parameters: readonly Parameter[], values: Readonly<Record<string, string>>): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(values[name] ?? '').replaceAll('.', '%2E'),
    );
    const query = parameters
        .filter((one) => one.in === 'query' && (values[one.name] ?? '') !== '')
        .map(({ name }) => `${name}=${encodeURIComponent(values[name] ?? '')}`);
    return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

/** Places where a value does not match its schema, for the few keywords that the document uses. */
function problems(value: unknown, schema: Schema, place = '$'): readonly string[] {
    const types = schema.type === undefined ? null : [schema.type].flat();
    const type =
        value === null
            ? 'null'
            : Array.isArray(value)
              ? 'array'
              : typeof value === 'number' && Number.isInteger(value) && types?.includes('integer')
                ? 'integer'
                : typeof value;
    if (types !== null && !types.includes(type)) {
        return [`${place}: ${type}, expected ${types.join(' or ')}`];
    }
    if (Array.isArray(value)) {
        return value.flatMap((one, index) => problems(one, schema.items ?? {}, `${place}[${index}]`));
    }
    if (typeof value !== 'object' || value === null) {
        return [];
    }
    const object = value as Readonly<Record<string, unknown>>;
    return [
        ...(schema.required ?? []).filter((name) => !(name in object)).map((name) => `${place}: no ${name}`),
        ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
            name in object ? problems(object[name], one, `${place}.${name}`) : [],
        ),
    ];
}
