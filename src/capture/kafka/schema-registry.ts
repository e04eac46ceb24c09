import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { EltError } from '../../core/errors.ts';
import type { TopicRecords } from '../../core/topic-record.ts';
import type { ClientConfig } from './client-config.ts';

/** A schema as a registry gives it. */
export interface RegistrySchema {
    readonly kind: string;
    readonly text: string;
    /** Texts of the schemas that it refers to, those first that others refer to. */
    readonly references: readonly string[];
}

interface Answer {
    readonly schema?: string;
    readonly schemaType?: string;
    readonly references?: readonly { readonly subject: string; readonly version: number }[];
    readonly message?: string;
}

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
const REFERENCES_MAX = 100;
const MAGIC = 0;
const WIRE_BYTES = 5;

/**
 * Schemas of a registry with Confluent's interface, asked for once each: a number never gets another schema. Owns what
 * it has heard. Source: https://docs.confluent.io/platform/current/schema-registry/develop/api.html
 */
export class SchemaRegistry {
    readonly #config: ClientConfig;
    readonly #known = new Map<number, RegistrySchema | null>();

    constructor(config: ClientConfig) {
        this.#config = config;
    }

    /** Of a number that `learn` has met; null: the registry has none. */
    schema(id: number): RegistrySchema | null {
        return this.#known.get(id) ?? null;
    }

    /**
     * Asks for the schemas of these messages and their keys that are not known yet.
     * @throws EltError SOURCE_UNREACHABLE, SOURCE_REFUSED.
     */
    async learn(records: TopicRecords): Promise<void> {
        for (const { source, keyStart, keyEnd, valueStart, valueEnd } of records) {
            await this.#learnAt(source, keyStart, keyEnd);
            await this.#learnAt(source, valueStart, valueEnd);
        }
    }

    async #learnAt(source: Buffer, start: number, end: number): Promise<void> {
        if (start < 0 || end - start < WIRE_BYTES || source[start] !== MAGIC) {
            return;
        }
        const id = source.readUInt32BE(start + 1);
        if (!this.#known.has(id)) {
            const answer = await this.#ask(`/schemas/ids/${id}`);
            this.#known.set(id, answer === null ? null : await this.#complete(answer));
        }
    }

    async #complete(answer: Answer): Promise<RegistrySchema> {
        const references: string[] = [];
        const seen = new Set<string>();
        const follow = async (of: Answer): Promise<void> => {
            for (const { subject, version } of of.references ?? []) {
                const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
                if (seen.has(path) || seen.size >= REFERENCES_MAX) {
                    continue;
                }
                seen.add(path);
                const referred = await this.#ask(path);
                if (referred !== null) {
                    await follow(referred);
                    references.push(referred.schema ?? '');
                }
            }
        };
        await follow(answer);
        return { kind: answer.schemaType ?? 'AVRO', text: answer.schema ?? '', references };
    }

    /** Null: there is none of that name or number. */
    async #ask(path: string): Promise<Answer | null> {
        const { status, text } = await this.#get(path);
        if (status === 404) {
            return null;
        }
        if (status === 401 || status === 403) {
            throw this.#error('SOURCE_REFUSED', 'the schema registry does not let us in', `status ${status}`);
        }
        try {
            const answer = JSON.parse(text) as Answer;
            if (status === 200 && typeof answer.schema === 'string') {
                return answer;
            }
        } catch {
            // What is no JSON is no answer.
        }
        throw this.#error('SOURCE_UNREACHABLE', 'the schema registry gives no schemas', `status ${status} for ${path}`);
    }

    #get(path: string): Promise<{ readonly status: number; readonly text: string }> {
        const { registry, registryUser, registryPassword, authorities } = this.#config;
        if (registry === null) {
            throw new EltError({
                code: 'COMMAND_WRONG',
                message: 'messages in Avro need a schema registry, and none is named',
                state: 'nothing of them was landed',
                next: 'write "schema.registry.url=http://host:8081" into the file of --kafka-config',
            });
        }
        const url = new URL(registry.replace(/\/$/, '') + path);
        const request = url.protocol === 'https:' ? requestHttps : requestHttp;
        const user = registryUser ?? decodeURIComponent(url.username);
        const password = registryPassword ?? decodeURIComponent(url.password);
        const options = {
            auth: user === '' ? undefined : `${user}:${password}`,
            headers: { accept: 'application/vnd.schemaregistry.v1+json, application/json' },
            timeout: TIMEOUT_MS,
            ...(authorities === null ? {} : { ca: authorities }),
        };
        url.username = '';
        url.password = '';
        return new Promise((resolve, reject) => {
            const fail = (cause: Error): void =>
                reject(
                    this.#error(
                        'SOURCE_UNREACHABLE',
                        'the schema registry cannot be reached',
                        undefined,
                        cause.message,
                    ),
                );
            const sent = request(url, options, (response) => {
                const chunks: Buffer[] = [];
                let bytes = 0;
                response.on('data', (chunk: Buffer) => {
                    bytes += chunk.length;
                    if (bytes > ANSWER_BYTES_MAX) {
                        response.destroy(new Error('the answer is too long'));
                    }
                    chunks.push(chunk);
                });
                response.on('error', fail);
                response.on('end', () => {
                    resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
                });
            });
            sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)));
            sent.on('error', fail);
            sent.end();
        });
    }

    #error(code: 'SOURCE_UNREACHABLE' | 'SOURCE_REFUSED', message: string, found?: string, cause?: string): EltError {
        return new EltError({
            code,
            message,
            where: hostOf(this.#config.registry),
            found,
            next: 'check schema.registry.url, and its user and password, in the file of --kafka-config',
            cause,
        });
    }
}

/** Without a user and a password. */
function hostOf(address: string | null): string | undefined {
    try {
        return new URL(address ?? '').host;
    } catch {
        return undefined;
    }
}
