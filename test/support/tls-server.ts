import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cluster, type PostgresInstallation, startCluster } from './postgres.ts';

/** A cluster that is reached by TLS too, under two addresses of which its certificate names one. */
export interface TlsServer {
    readonly cluster: Cluster;
    /** The address that the certificate names, and another one of the same server. */
    readonly named: string;
    readonly unnamed: string;
    /** Certificates of the authority that has signed the server's, and of one that has not. */
    readonly authority: string;
    readonly stranger: string;
    /** Of the role `by_certificate`. */
    readonly certificate: string;
    readonly key: string;
}

/**
 * Roles say by their names what pg_hba.conf asks of them. Every address of 127.0.0.0/8 is this machine: two of them that
 * nobody else has, so that the server may have its usual port.
 */
export function startTlsServer(installation: PostgresInstallation, folder: string): TlsServer {
    const network = `127.${process.pid % 250}.${(process.pid >> 8) % 250}`;
    const [named, unnamed] = [`${network}.1`, `${network}.2`];
    const file = (name: string): string => join(folder, name);
    const openssl = (...words: string[]): void => {
        const done = spawnSync('openssl', words, { encoding: 'utf8' });
        if (done.status !== 0) {
            throw new Error(`openssl ${words[0]}: ${done.stderr}`);
        }
    };
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    for (const name of ['authority', 'stranger']) {
        openssl(
            'req',
            '-x509',
            ...newKey,
            '-subj',
            `/CN=${name}`,
            '-keyout',
            file(`${name}.key`),
            '-out',
            file(`${name}.crt`),
        );
    }
    const signed = (name: string, subject: string, more: string): void => {
        writeFileSync(file(`${name}.ext`), more);
        openssl(
            'req',
            '-new',
            ...newKey.slice(0, 5),
            '-subj',
            subject,
            '-keyout',
            file(`${name}.key`),
            '-out',
            file(`${name}.csr`),
        );
        const by = ['-CA', file('authority.crt'), '-CAkey', file('authority.key'), '-CAcreateserial', '-days', '30'];
        openssl(
            'x509',
            '-req',
            '-in',
            file(`${name}.csr`),
            ...by,
            '-extfile',
            file(`${name}.ext`),
            '-out',
            file(`${name}.crt`),
        );
        chmodSync(file(`${name}.key`), 0o600);
    };
    signed('server', '/CN=server', `subjectAltName=IP:${named}\n`);
    signed('client', '/CN=by_certificate', 'basicConstraints=CA:FALSE\n');
    const settings = [`listen_addresses='${named},${unnamed}'`];
    const cluster = startCluster(installation, settings, (place) => {
        const data = join(place, 'data');
        const { uid, gid } = statSync(data);
        for (const name of ['server.crt', 'server.key', 'authority.crt']) {
            const copy = join(data, name);
            writeFileSync(copy, readFileSync(file(name)), { mode: 0o600 });
            chownSync(copy, uid, gid);
        }
        writeFileSync(join(data, 'pg_hba.conf'), HBA);
        // Not on its command line, which `alter system` does not overrule.
        appendFileSync(join(data, 'postgresql.conf'), `ssl = on\nssl_ca_file = 'authority.crt'\n`);
    });
    return {
        ...{ cluster, named, unnamed, authority: file('authority.crt'), stranger: file('stranger.crt') },
        ...{ certificate: file('client.crt'), key: file('client.key') },
    };
}

const HBA = `local all all trust
hostssl all with_tls 127.0.0.0/8 trust
hostnossl all without_tls 127.0.0.0/8 trust
host all with_both 127.0.0.0/8 trust
hostssl all by_certificate 127.0.0.0/8 cert
host all by_password 127.0.0.0/8 scram-sha-256
`;
