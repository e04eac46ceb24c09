import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EltError } from '../../core/errors.ts';
import { didYouMeanOrList } from '../../core/nearest-name.ts';

/** How a client proves who it is, and whom it believes. Never printed. */
export interface ClientConfig {
    readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
    readonly mechanism: (typeof MECHANISMS)[number];
    readonly username: string | null;
    readonly password: string | null;
    /** Contents of PEM files; null: the certificates that Node.js trusts, and no certificate of our own. */
    readonly authorities: string | null;
    readonly certificate: string | null;
    readonly key: string | null;
    readonly keyPassword: string | null;
    /** The certificate must name the broker's host. */
    readonly checksHost: boolean;
    /** The address of a schema registry, for Avro; may hold a user, and the password is a key of its own. */
    readonly registry: string | null;
    readonly registryUser: string | null;
    readonly registryPassword: string | null;
}

const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;

export const NO_CONFIG: ClientConfig = {
    protocol: 'PLAINTEXT',
    mechanism: 'PLAIN',
    username: null,
    password: null,
    authorities: null,
    certificate: null,
    key: null,
    keyPassword: null,
    checksHost: true,
    registry: null,
    registryUser: null,
    registryPassword: null,
};

/** librdkafka's names, and Kafka's own where those are others. */
const KEYS = [
    'security.protocol',
    'sasl.mechanism',
    'sasl.mechanisms',
    'sasl.username',
    'sasl.password',
    'ssl.ca.location',
    'ssl.certificate.location',
    'ssl.key.location',
    'ssl.key.password',
    'ssl.endpoint.identification.algorithm',
    'schema.registry.url',
    'schema.registry.username',
    'schema.registry.password',
] as const;
type Key = (typeof KEYS)[number];

/**
 * Reads the file of `--kafka-config`: `key=value` lines, `#` begins a comment; paths are relative to the file's folder.
 * @throws EltError COMMAND_WRONG; its text holds no value of the file.
 */
export function readClientConfig(file: string): ClientConfig {
    const values = valuesOf(contentOf(file, '--kafka-config'), file);
    const value = (key: Key): string | null => values.get(key) || null;
    const pem = (key: Key): string | null => {
        const path = value(key);
        return path === null ? null : contentOf(resolve(dirname(file), path), key);
    };
    const mechanism = value('sasl.mechanism') ?? value('sasl.mechanisms') ?? 'PLAIN';
    return {
        protocol: oneOf(PROTOCOLS, value('security.protocol') ?? 'PLAINTEXT', 'security.protocol', file),
        mechanism: oneOf(MECHANISMS, mechanism, 'sasl.mechanism', file),
        username: value('sasl.username'),
        password: value('sasl.password'),
        authorities: pem('ssl.ca.location'),
        certificate: pem('ssl.certificate.location'),
        key: pem('ssl.key.location'),
        keyPassword: value('ssl.key.password'),
        checksHost: values.get('ssl.endpoint.identification.algorithm') !== 'none',
        registry: value('schema.registry.url'),
        registryUser: value('schema.registry.username'),
        registryPassword: value('schema.registry.password'),
    };
}

function valuesOf(text: string, file: string): ReadonlyMap<string, string> {
    const values = new Map<string, string>();
    for (const [index, line] of text.split(/\r?\n/).entries()) {
        if (/^\s*(?:[#!].*)?$/.test(line)) {
            continue;
        }
        const match = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/.exec(line);
        const key = match?.[1] ?? '';
        if (match === null || !(KEYS as readonly string[]).includes(key)) {
            throw wrongConfig(
                `${file}:${index + 1}`,
                match === null ? 'expected key=value' : didYouMeanOrList(key, KEYS, 'keys'),
            );
        }
        values.set(key, match[2] as string);
    }
    return values;
}

function oneOf<One extends string>(known: readonly One[], value: string, key: Key, file: string): One {
    const found = known.find((one) => one === value.toUpperCase());
    if (found === undefined) {
        throw wrongConfig(file, `a value of "${key}" that is not one of ${known.join(', ')}`);
    }
    return found;
}

function contentOf(path: string, what: string): string {
    try {
        return readFileSync(path, 'utf8');
    } catch (cause) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `the file of ${what} cannot be read`,
            where: path,
            state: 'nothing was landed',
            next: 'check the path and the permissions',
            cause: (cause as NodeJS.ErrnoException).code,
        });
    }
}

function wrongConfig(where: string, found: string): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: 'the file of --kafka-config cannot be understood',
        where,
        found,
        state: 'nothing was landed',
        next: 'correct the file; docs/kafka.md lists its keys',
    });
}
