import { EltError, type ErrorFacts } from '../../core/errors.ts';
import { nameOf, type ServerAddress } from './server-address.ts';

/** What the client library throws: errors with errors within, and the broker's words in the innermost. */
interface RawError {
    readonly message?: unknown;
    readonly code?: unknown;
    readonly apiId?: unknown;
    readonly canRetry?: unknown;
    readonly cause?: unknown;
    readonly errors?: readonly unknown[];
}

const TLS = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;
const REFUSED = /AUTHORIZATION_FAILED|SASL_AUTHENTICATION_FAILED|UNSUPPORTED_SASL_MECHANISM|ILLEGAL_SASL_STATE/;

/** The error of `elt` for one of the client library; whatever is one already stays. */
export function kafkaError(error: unknown, address: ServerAddress, doing: string): EltError {
    if (error instanceof EltError) {
        return error;
    }
    const chain = chainOf(error);
    return new EltError({
        ...meaningOf(chain, address, doing),
        where: nameOf(address),
        // Texts alone: the objects hold what proves who asks.
        cause: [...new Set(chain.map(({ message }) => String(message)))].join('\n'),
    });
}

function meaningOf(chain: readonly RawError[], address: ServerAddress, doing: string): ErrorFacts {
    const { config } = address;
    const some = (test: RegExp, member: 'code' | 'apiId' | 'message'): boolean =>
        chain.some((one) => typeof one[member] === 'string' && test.test(one[member]));
    if (some(TLS, 'code') || some(/requires TLS|TLS handshake/, 'message')) {
        return {
            code: 'SOURCE_REFUSED',
            message: 'no safe connection to the broker could be made',
            found: `security.protocol ${config.protocol}`,
            next: 'check security.protocol and ssl.ca.location in the file of --kafka-config; the certificate must name the host',
        };
    }
    if (some(/^PLT_KFK_AUTHENTICATION$/, 'code') || some(REFUSED, 'apiId')) {
        return {
            code: 'SOURCE_REFUSED',
            message: `the broker does not let ${config.username === null ? 'a client without a name' : `"${config.username}"`} ${doing}`,
            found: `security.protocol ${config.protocol}${config.protocol.startsWith('SASL') ? `, ${config.mechanism}` : ''}`,
            next: "check the user, the password and the mechanism in the file of --kafka-config, and the cluster's access rules",
        };
    }
    if (some(/^PLT_KFK_UNSUPPORTED/, 'code') || some(/^UNSUPPORTED_VERSION$/, 'apiId')) {
        return {
            code: 'SOURCE_UNFIT',
            message: `the broker does not know how to ${doing}`,
            next: 'topics are read by their ids, which Kafka has had since 3.1: name a newer cluster',
        };
    }
    if (chain.some(({ canRetry }) => canRetry === false) && !some(/^PLT_KFK_(?:NETWORK|TIMEOUT)$/, 'code')) {
        return { code: 'SOURCE_UNREADABLE', message: `the broker refused to ${doing}`, next: 'see "elt source check"' };
    }
    return {
        code: 'SOURCE_UNREACHABLE',
        message: 'the broker cannot be reached',
        // With TLS 1.3 a broker that wants a certificate of ours says so only by closing the connection.
        next:
            config.protocol.endsWith('SSL') && config.certificate === null && some(/Connection closed/, 'message')
                ? 'check that it runs; if it wants a certificate of its clients, name it by ssl.certificate.location in the file of --kafka-config'
                : 'check that it runs, the host and the port; then run the same command again',
    };
}

/** The error, and all within it; the innermost last. */
function chainOf(error: unknown): readonly RawError[] {
    const raw = (error ?? {}) as RawError;
    const within = [...(Array.isArray(raw.errors) ? raw.errors : []), ...(raw.cause === undefined ? [] : [raw.cause])];
    return [raw, ...within.flatMap((one) => (typeof one === 'object' ? chainOf(one) : []))];
}
