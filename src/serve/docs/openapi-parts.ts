import { HTTP_ERRORS } from '../http/http-error.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every answer that is not a success. */
export const ERROR_SCHEMA: Json = {
    type: 'object',
    required: ['error', 'code', 'type', 'title', 'status', 'detail'],
    properties: {
        error: { type: 'string', description: 'One sentence.', examples: ['userId must be an integer'] },
        code: { type: 'string', description: 'Stable.', examples: Object.keys(HTTP_ERRORS) },
        where: { type: 'string', description: 'The place in a SQL file.' },
        found: { type: 'string', description: 'What was found, or expected.' },
        next: { type: 'string', description: 'What to do.' },
        type: { type: 'string', format: 'uri-reference', description: 'Where the code is explained (RFC 9457).' },
        title: { type: 'string', description: 'The same for every error of the code.' },
        status: { type: 'integer', description: 'The status of the answer.' },
        detail: { type: 'string', description: 'As `error`.' },
    },
};

const SENTENCES: Readonly<Record<number, string>> = {
    400: 'A parameter is missing, unknown or wrong.',
    401: 'The token is missing or wrong.',
    404: 'Not found.',
    406: 'None of the formats in Accept is available.',
    413: 'The answer is too large to be sent at once.',
    414: 'The address is too long.',
    421: 'The header Host names another host.',
    431: 'Address and headers are too large.',
    500: 'The SQL file cannot be run.',
    503: 'No reader is free, or the database cannot be read now.',
    504: 'The query took too long and was ended.',
};

export function errorResponses(statuses: readonly number[]): Json {
    return Object.fromEntries(
        statuses.map((status) => [
            status,
            {
                description: SENTENCES[status] ?? 'An error.',
                content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Error' } } },
            },
        ]),
    );
}

/** The server's own paths. */
export const SERVER_PATHS: Readonly<Record<string, Json>> = {
    '/health': {
        get: {
            operationId: 'health',
            summary: 'Whether the databases can be read',
            security: [],
            responses: {
                200: { description: 'They can.', content: { 'application/json': { schema: { type: 'object' } } } },
                503: { description: 'One cannot.', content: { 'application/json': { schema: { type: 'object' } } } },
            },
        },
    },
    '/metrics': {
        get: {
            operationId: 'metrics',
            summary: 'Metrics of the server, for Prometheus',
            responses: {
                200: { description: 'Text format 0.0.4.', content: { 'text/plain': { schema: { type: 'string' } } } },
                ...errorResponses([401]),
            },
        },
    },
};

/** How a token is sent, if the server requires one. */
export function securityOf(token: string | null): { readonly components: Json; readonly security: readonly Json[] } {
    if (token === null) {
        return { components: {}, security: [] };
    }
    const securitySchemes = { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } };
    return { components: { securitySchemes }, security: [{ bearer: [] }, { basic: [] }] };
}
