import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { EltError } from '../core/errors.ts';
import type { ServerAddress, SslMode } from './server-address.ts';

/** One way to try: with TLS under these options, or without. */
export type TlsAttempt = ConnectionOptions | false;

/**
 * The ways to try in order, as libpq does: `prefer` and `allow` have a second one. The driver's own reading of the modes
 * is another (it takes `require` for `verify-full`), so it is given finished options.
 * Source: https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 * @throws EltError COMMAND_WRONG where a mode lacks its certificate.
 */
export function tlsAttempts(address: ServerAddress): readonly TlsAttempt[] {
    if (address.host.startsWith('/') || address.sslMode === 'disable') {
        return [false];
    }
    const withTls = tlsOptions(address);
    const byMode: Readonly<Record<Exclude<SslMode, 'disable'>, readonly TlsAttempt[]>> = {
        allow: [false, withTls],
        prefer: [withTls, false],
        require: [withTls],
        'verify-ca': [withTls],
        'verify-full': [withTls],
    };
    return byMode[address.sslMode];
}

function tlsOptions(address: ServerAddress): ConnectionOptions {
    const { sslMode, rootCertificate, certificate, key } = address;
    const own = certificate === null || key === null ? {} : { cert: fileOf(certificate), key: fileOf(key) };
    if (rootCertificate === 'system') {
        // libpq takes these only with the whole check.
        return { ...own, rejectUnauthorized: true };
    }
    const verifies = sslMode === 'verify-ca' || sslMode === 'verify-full';
    if (rootCertificate === null) {
        if (verifies) {
            throw wrongCertificate(
                `"${sslMode}" needs the certificate of an authority, and neither sslrootcert nor ~/.postgresql/root.crt names one`,
                'give sslrootcert=FILE, or sslrootcert=system for the authorities that this machine trusts',
            );
        }
        return { ...own, rejectUnauthorized: false };
    }
    // With an authority at hand libpq refuses a certificate that it has not signed, whatever the mode.
    const options = { ...own, ca: fileOf(rootCertificate), rejectUnauthorized: true };
    return sslMode === 'verify-full' ? options : { ...options, checkServerIdentity: () => undefined };
}

function fileOf(path: string): Buffer {
    try {
        return readFileSync(path);
    } catch (error) {
        throw wrongCertificate(`"${path}" cannot be read`, 'check sslrootcert, sslcert and sslkey', error);
    }
}

function wrongCertificate(found: string, next: string, cause?: unknown): EltError {
    return new EltError({
        code: 'COMMAND_WRONG',
        message: 'the connection cannot be made safe as asked',
        found,
        state: 'nothing was sent to the server',
        next,
        cause,
    });
}
