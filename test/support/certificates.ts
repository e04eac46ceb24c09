import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from './elt.ts';

/** Files of an authority of its own, and of a certificate that it gave to this machine. */
interface Certificates {
    readonly folder: string;
    readonly ca: string;
    readonly certificate: string;
    readonly key: string;
}

/** `names`: whom the certificate names, as OpenSSL's `subjectAltName` has it. */
export function certificatesFor(names = 'DNS:localhost,IP:127.0.0.1'): Certificates {
    const folder = workFolder();
    const openssl = (words: string): void => {
        execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' });
    };
    writeFileSync(join(folder, 'names'), `subjectAltName=${names}`);
    openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=authority -days 2');
    openssl('req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=server');
    openssl('x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -extfile names -days 2');
    return {
        folder,
        ca: join(folder, 'ca.pem'),
        certificate: join(folder, 'server.pem'),
        key: join(folder, 'server.key'),
    };
}
