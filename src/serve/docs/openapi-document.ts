import { packageVersion } from '../../project/settings.ts';
import type { Question } from '../../query/question.ts';
import type { COLUMN_TYPES } from '../../query/question-head.ts';
import type { QuestionParameter } from '../../query/question-parameter.ts';
import { type QuestionRoute, routeParameters } from '../../query/question-route.ts';
import { shownColumns } from '../../query/shown-columns.ts';
import type { ServeContext } from '../answers/serve-context.ts';
import type { ServedPipeline } from '../answers/served-pipeline.ts';
import { afterPattern } from '../http/page-place.ts';
import { ERROR_SCHEMA, errorResponses, SERVER_PATHS, securityOf } from './openapi-parts.ts';

type Json = Readonly<Record<string, unknown>>;

/** Describes the questions that are served. Source: https://spec.openapis.org/oas/v3.1.1.html */
export function openapiDocument({ questions, pipelines, options }: ServeContext): Json {
    const paths: Record<string, Json> = { ...SERVER_PATHS };
    for (const { question, pipeline, route } of questions.all()) {
        const of = pipelines.get(pipeline);
        if (question !== null && route !== null && of !== undefined && paths[route.path] === undefined) {
            paths[route.path] = { get: operation(question, route, of, options.rowsMax) };
        }
    }
    return {
        openapi: '3.1.1',
        info: {
            title: `elt: ${[...pipelines.keys()].join(', ')}`,
            version: packageVersion(),
            description:
                'Questions that SQL files answer. Rows are sent as JSON, CSV or JSON lines, as the header Accept or ' +
                '.json, .csv, .ndjson after the path says. Integers are 64-bit.',
        },
        servers: [{ url: '/' }],
        tags: [...pipelines.keys()].map((name) => ({ name, description: `Questions to pipeline ${name}` })),
        paths,
        components: { schemas: { Error: ERROR_SCHEMA }, ...securityOf(options.token).components },
        security: securityOf(options.token).security,
    };
}

function operation(question: Question, route: QuestionRoute, pipeline: ServedPipeline, rowsMax: number): Json {
    const inPath = routeParameters(route);
    const row = rowSchema(question, pipeline);
    return {
        operationId: `${pipeline.name}_${question.name}`,
        tags: [pipeline.name],
        summary: question.row === null ? question.name : `A row is ${question.row}`,
        ...(question.why === null ? {} : { description: question.why }),
        'x-sql-file': question.file,
        parameters: [
            ...question.parameters.map((one) => parameterObject(one, inPath.includes(one.name), question)),
            ...(question.page === null ? [] : pageParameters(question.page, rowsMax)),
        ],
        responses: {
            200: {
                description: 'The rows, in the order of the SELECT.',
                headers: {
                    ETag: { description: 'Changes with the data and the SQL.', schema: { type: 'string' } },
                    ...(question.page === null
                        ? {}
                        : { Link: { description: 'The next page, rel="next".', schema: { type: 'string' } } }),
                },
                content: {
                    'application/json': { schema: { type: 'array', items: row } },
                    'text/csv': { schema: { type: 'string' } },
                    'application/x-ndjson': { schema: { type: 'string' } },
                },
            },
            304: { description: 'The client has this answer already (If-None-Match).' },
            ...errorResponses([400, 401, 404, 406, 413, 414, 421, 431, 500, 503, 504]),
        },
    };
}

function parameterObject(parameter: QuestionParameter, isInPath: boolean, question: Question): Json {
    const example = question.example[parameter.name];
    return {
        name: parameter.name,
        in: isInPath ? 'path' : 'query',
        required: isInPath || parameter.isRequired,
        schema: parameterSchema(parameter, isInPath || parameter.isRequired),
        ...(example === undefined ? {} : { example: parameter.type === 'integer' ? Number(example) : example }),
    };
}

/** An optional parameter may also have no value: it then counts as not given. */
function parameterSchema(parameter: QuestionParameter, isNeeded: boolean): Json {
    const schema = valueSchema(parameter);
    return isNeeded || parameter.type === 'text' ? schema : orEmpty(schema);
}

function orEmpty(schema: Json): Json {
    return { anyOf: [schema, { type: 'string', maxLength: 0 }] };
}

function valueSchema({ type, range, default: byDefault }: QuestionParameter): Json {
    const stands = byDefault === null ? {} : { default: type === 'integer' ? Number(byDefault) : byDefault };
    switch (type) {
        case 'integer':
            return {
                type: 'integer',
                format: 'int64',
                ...(range === null ? {} : { minimum: Number(range.from), maximum: Number(range.to) }),
                ...stands,
            };
        case 'digits':
            return { type: 'string', pattern: '^-?[0-9]{1,40}$', ...stands };
        case 'date':
            return {
                type: 'string',
                format: 'date',
                ...(range === null ? {} : { description: `from ${range.from} to ${range.to}` }),
                ...stands,
            };
        case 'uuid':
            return { type: 'string', format: 'uuid', ...stands };
        case 'text':
            return { type: 'string', ...stands };
    }
}

function pageParameters(columns: readonly string[], rowsMax: number): readonly Json[] {
    return [
        {
            name: 'limit',
            in: 'query',
            description: 'Rows per page; by default all rows are sent.',
            schema: orEmpty({ type: 'integer', minimum: 1, maximum: rowsMax }),
        },
        {
            name: 'after',
            in: 'query',
            description: `Where the page begins, from the header Link of the previous page (order: ${columns.join(', ')}).`,
            schema: orEmpty({ type: 'string', pattern: afterPattern(columns.length) }),
        },
    ];
}

/** The columns as SQLite names them; unknown while the database cannot be read. */
function rowSchema(question: Question, pipeline: ServedPipeline): Json {
    const columns = columnsOf(question, pipeline);
    if (columns === null) {
        return { type: 'object' };
    }
    return {
        type: 'object',
        required: columns.map(({ name }) => name),
        properties: Object.fromEntries(columns.map(({ name, type }) => [name, columnSchema(question, name, type)])),
    };
}

function columnsOf(
    question: Question,
    pipeline: ServedPipeline,
): readonly { readonly name: string; readonly type: string | null }[] | null {
    try {
        const columns = pipeline.connection()?.prepare(question.statement.sql).columns() ?? null;
        return columns?.slice(0, shownColumns(columns.map(({ name }) => name))) ?? null;
    } catch {
        return null;
    }
}

const SCHEMAS: Readonly<Record<(typeof COLUMN_TYPES)[number], Json>> = {
    integer: { type: ['integer', 'null'], format: 'int64' },
    number: { type: ['number', 'null'] },
    text: { type: ['string', 'null'] },
    date: { type: ['string', 'null'], format: 'date' },
    timestamp: { type: ['string', 'null'] },
};

/** From the head, else from the table's declaration. */
function columnSchema(question: Question, name: string, declared: string | null): Json {
    const described = question.columns.find((column) => column.name === name);
    if (described !== undefined) {
        return described.isCutToSeconds ? { type: ['string', 'null'], format: 'date-time' } : SCHEMAS[described.type];
    }
    const byDeclared: Readonly<Record<string, Json>> = {
        INTEGER: SCHEMAS.integer,
        REAL: SCHEMAS.number,
        TEXT: SCHEMAS.text,
    };
    return byDeclared[declared?.toUpperCase() ?? ''] ?? {};
}
